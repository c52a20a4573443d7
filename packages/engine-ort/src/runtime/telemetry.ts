/**
 * ONNX Runtime 1.29 and later collects telemetry when its environment is made. It reads this variable from the process
 * environment, so it must be set on the main thread before the library loads: a worker's `process.env` is a copy.
 */
export function setTelemetry(wanted: boolean): void {
  if (!wanted) process.env.ORT_DISABLE_TELEMETRY = '1';
}
