export { conformanceCases, pairCases } from './conformance.js';
export type { ConformanceCase, ConformanceSubject } from './conformance-subject.js';
export { type ForwardCall, type MockDecoder, mockDecoder } from './mock-decoder.js';
export type { MockDecoderOptions } from './mock-options.js';
export { mockTokenizer } from './mock-tokenizer.js';
export { ReferenceCache, type ReferenceRow } from './reference-cache.js';
