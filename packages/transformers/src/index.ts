export {
  ChatTemplateError,
  HubError,
  LibraryError,
  ModelFilesError,
  TextEncodingError,
  UnsupportedModelError,
  UnsupportedTokenizerError,
} from './base/errors.js';
export type { PlainCapability } from './decoder/missing-capabilities.js';
export { type FromTransformersOptions, fromTransformers } from './from-transformers.js';
export type { HubProgress } from './library/hub.js';
export type { LibraryName } from './library/library.js';
export {
  type OpenTokenizerOptions,
  openTokenizer,
  type TransformersTokenizer,
} from './open-tokenizer.js';
