import type { PliantError } from '@pliant/core';
import { OutOfMemoryError, RuntimeError } from '../errors.js';
import { UnsupportedModelError } from '../graph/errors.js';
import type { NativeApi, Status } from './native-api.js';

/** The error that a message of ONNX Runtime stands for. */
export function runtimeError(message: string, code: number, doing: string): PliantError {
  if (/bad_alloc|bad allocation|Failed to allocate memory|out of memory/i.test(message))
    return new OutOfMemoryError(
      `${doing}: ONNX Runtime ran out of memory (${message}). Read the prompt in smaller chunks, or free other sequences.`,
    );
  if (/is not a registered function\/op|NOT_IMPLEMENTED|No Op registered for/i.test(message))
    return new UnsupportedModelError(
      `${doing}: this ONNX Runtime lacks an operator of the model (${message}). Update onnxruntime-node, or use another export.`,
    );
  return new RuntimeError(`${doing}: ${message}`, code);
}

/** Releases a status and returns it as a typed error; undefined if the call succeeded. */
export function takeError(api: NativeApi, status: Status, doing: string): PliantError | undefined {
  if (!status) return undefined;
  const error = runtimeError(api.GetErrorMessage(status), api.GetErrorCode(status), doing);
  api.ReleaseStatus(status);
  return error;
}

export function check(api: NativeApi, status: Status, doing: string): void {
  const error = takeError(api, status, doing);
  if (error) throw error;
}

/** Calls a function that writes one pointer, and returns the pointer. */
export function outPointer(
  api: NativeApi,
  doing: string,
  call: (out: BigUint64Array) => Status,
): bigint {
  const out = new BigUint64Array(1);
  check(api, call(out), doing);
  return out[0];
}
