export { conformanceCases, pairCases } from './conformance/conformance.js';
export type { ConformanceCase, ConformanceSubject } from './conformance/conformance-subject.js';
export { type ForwardCall, type MockDecoder, mockDecoder } from './mock/mock-decoder.js';
export type { MockDecoderOptions } from './mock/mock-options.js';
export { mockTokenizer } from './mock/model/mock-tokenizer.js';
export { ReferenceCache, type ReferenceRow } from './reference-cache.js';
