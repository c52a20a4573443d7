import { PliantError } from '@pliant/core';

/** The bytes are not a readable ONNX model, or contradict themselves. */
export class InvalidModelError extends PliantError {}

/**
 * A valid ONNX model of a kind that the engine cannot run. The message says what it found and the
 * way out.
 */
export class UnsupportedModelError extends PliantError {}
