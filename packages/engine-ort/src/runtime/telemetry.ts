import { isMainThread } from 'node:worker_threads';

const [name, value] = ['ORT_DISABLE_TELEMETRY', '1'] as const;

/**
 * ONNX Runtime 1.29 and later collects telemetry as soon as its environment is made, unless this
 * variable is set in the environment of the process. `process.env` of a worker is a copy, so there
 * the C function is called.
 */
export async function disableTelemetry(): Promise<void> {
  process.env[name] = value;
  if (isMainThread || process.platform === 'win32') return;
  try {
    const { default: koffi } = await import('koffi');
    const setenv = koffi.load(null).func('setenv', 'int', ['str', 'str', 'int']);
    setenv(name, value, 1);
  } catch {
    process.emitWarning(
      `ONNX Runtime's telemetry cannot be switched off from a worker without koffi; set ${name}=${value} before the process starts`,
      { type: 'PliantWarning', code: 'PLIANT_TELEMETRY' },
    );
  }
}
