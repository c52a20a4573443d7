export type * from './decoder.js';
export * from './errors.js';
export { modelFileNames } from './files/find-onnx-file.js';
export * from './graph/errors.js';
export type { CapabilityRow } from './graph/read/capability-row.js';
export * from './open-decoder.js';
export type { RuntimeKind } from './runtime/runtime.js';
