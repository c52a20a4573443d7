export type * from './decoder.js';
export * from './errors.js';
export { modelFileNames } from './find-onnx-file.js';
export type { CapabilityRow } from './graph/capability-row.js';
export * from './graph/errors.js';
export * from './open-decoder.js';
export type { RuntimeKind } from './runtime/runtime.js';
