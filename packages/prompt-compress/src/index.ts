export { type CompressedText, type CompressTextOptions, compressText } from './compress-text.js';
export type { RetrievalHead } from './options/retrieval-heads.js';
export type { SelectionOptions } from './options/selection-options.js';
export {
  type PromptCompressOptions,
  promptCompress,
  promptCompressOptions,
} from './prompt-compress.js';
export type { DroppedRange } from './report/dropped.js';
export type { CompressionReport } from './report/report.js';
export type { TextRange } from './text/text-range.js';
