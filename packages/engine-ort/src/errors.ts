import { PliantError } from '@pliant/core';

/** A model file is missing, cut short, outside its folder, or not what its name says. */
export class ModelFileError extends PliantError {}

/** More memory asked for than there is. Nothing was allocated; the cache is as before. */
export class OutOfMemoryError extends PliantError {}

/** The runtime could not be loaded. */
export class RuntimeUnavailableError extends PliantError {}

/** ONNX Runtime refused a call. `code` is its OrtErrorCode, or -1 if it gave none. */
export class RuntimeError extends PliantError {
  constructor(
    message: string,
    readonly code: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
