import { RuntimeUnavailableError } from '../errors.js';
import { openBindingRuntime } from './binding-runtime.js';
import { openNativeRuntime } from './native-runtime.js';
import type { Runtime, RuntimeKind } from './runtime.js';
import { disableTelemetry } from './telemetry.js';

export interface OpenRuntimeOptions {
  /** Default: native, and binding where FFI cannot be loaded. */
  readonly runtime?: RuntimeKind;
  readonly threads: number;
  readonly telemetry: boolean;
}

export interface OpenedRuntime {
  readonly runtime: Runtime;
  /** Why it is this one. */
  readonly reason: string;
}

/** @throws RuntimeUnavailableError */
export async function openRuntime(options: OpenRuntimeOptions): Promise<OpenedRuntime> {
  if (!options.telemetry) await disableTelemetry();
  if (options.runtime === 'binding')
    return { runtime: await openBindingRuntime(), reason: 'asked for' };
  try {
    return {
      runtime: await openNativeRuntime(options.threads),
      reason: options.runtime ? 'asked for' : 'the default',
    };
  } catch (error) {
    if (options.runtime === 'native' || !RuntimeUnavailableError.isInstance(error)) throw error;
    const runtime = await openBindingRuntime();
    warnOnce(error.message);
    return { runtime, reason: `fallback: ${error.message}` };
  }
}

let warned = false;
function warnOnce(why: string): void {
  if (warned) return;
  warned = true;
  process.emitWarning(
    `ONNX Runtime runs through onnxruntime-node's own API, which is slower and blocks the event loop during a forward. ${why}`,
    { type: 'PliantWarning', code: 'PLIANT_RUNTIME_FALLBACK' },
  );
}
