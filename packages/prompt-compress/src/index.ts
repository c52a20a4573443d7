export * from './compress-text.js';
export type { DroppedRange } from './dropped.js';
export * from './prompt-compress.js';
export type { CompressionReport } from './report.js';
export type { RetrievalHead } from './retrieval-heads.js';
export type { SelectionOptions } from './selection-options.js';
export type { TextRange } from './text-range.js';
