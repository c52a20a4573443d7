export type { DraftingDecoder, MiddlewareEntry, PresetOptions } from './entry.js';
export { selectorNames } from './middlewares/layer-skip.js';
export { compressOptions } from './middlewares/prompt-compress.js';
export { PresetError } from './preset-error.js';
export {
  type MiddlewareName,
  makeMiddleware,
  makeStack,
  middlewareName,
  middlewareNames,
  middlewares,
  type Settings,
} from './registry.js';
