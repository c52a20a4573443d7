export type { DraftOptions, Inspection, OrtDecoder } from './decoder.js';
export {
  ModelFileError,
  OutOfMemoryError,
  RuntimeError,
  RuntimeUnavailableError,
} from './errors.js';
export { modelFileNames } from './files/find-onnx-file.js';
export { InvalidModelError, UnsupportedModelError } from './graph/errors.js';
export type { CapabilityRow } from './graph/read/capability-row.js';
export { type OpenDecoderOptions, openDecoder } from './open-decoder.js';
export type { RuntimeKind } from './runtime/runtime.js';
