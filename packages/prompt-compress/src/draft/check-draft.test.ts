import {
  checkDraftVocabulary,
  type Decoder,
  InvalidOptionsError,
  MissingCapabilityError,
  StackError,
} from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { checkScores, checkTokenizer } from './check-draft.js';

const decoder = mockDecoder();
const tokenizer = mockTokenizer();
const check = (draft: Decoder, scoring: Parameters<typeof checkScores>[2] = {}) => {
  checkScores('prompt-compress', draft, scoring);
  checkDraftVocabulary('prompt-compress', draft, decoder, tokenizer, '');
};

describe('checkScores and checkDraftVocabulary', () => {
  it('takes the decoder itself, its first layers, and another model with its vocabulary', () => {
    const draft = decoder.draft({ layers: 2 });
    expect(() => check(decoder)).not.toThrow();
    expect(() => check(draft, { startLayer: 1 })).not.toThrow();
    expect(() => check(draft, { heads: [{ layer: 1, head: 3 }] })).not.toThrow();
    expect(() => check(mockDecoder({ seed: 1, layers: 2 }))).not.toThrow();
  });

  it('refuses a draft whose attention cannot be read', () => {
    const draft = mockDecoder({ seed: 1, capabilities: ['kv.edit'] });
    expect(() => check(draft)).toThrow(MissingCapabilityError);
    expect(() => check(draft)).toThrow("decoder 'mock-1' lacks");
  });

  it('refuses another vocabulary, known by fingerprint or else by size', () => {
    const other = { ...decoder, vocabularyFingerprint: 'another' };
    expect(() => check(other)).toThrow(StackError);
    expect(() => check(other)).toThrow("draft 'mock-0' has another vocabulary");
    const shape = { ...decoder.shape, vocabulary: decoder.shape.vocabulary + 1 };
    expect(() => check({ ...decoder, vocabularyFingerprint: undefined, shape })).toThrow(
      StackError,
    );
    expect(() => check({ ...decoder, shape })).not.toThrow();
    expect(() => check({ ...decoder, vocabularyFingerprint: undefined })).not.toThrow();
  });

  it('refuses to start at a layer that the draft does not have', () => {
    expect(() => check(decoder.draft({ layers: 2 }), { startLayer: 2 })).toThrow(
      InvalidOptionsError,
    );
    expect(() => check(decoder.draft({ layers: 2 }), { startLayer: 2 })).toThrow(
      'has layers 0 to 1',
    );
  });

  it.each([
    { layer: 2, head: 0 },
    { layer: 0, head: 4 },
  ])('refuses a head that the draft does not have: %j', (missing) => {
    const heads = [{ layer: 0, head: 0 }, missing];
    expect(() => check(decoder.draft({ layers: 2 }), { heads })).toThrow(InvalidOptionsError);
    expect(() => check(decoder.draft({ layers: 2 }), { heads })).toThrow('heads[1]');
  });
});

describe('checkTokenizer', () => {
  const checkIt = (draft: Decoder) => checkTokenizer('here', 'draftTokenizer', draft, tokenizer);

  it('takes the tokenizer of the draft, known by fingerprint or else by size', () => {
    expect(() => checkIt(decoder)).not.toThrow();
    expect(() => checkIt({ ...decoder, vocabularyFingerprint: undefined })).not.toThrow();
  });

  it('refuses another', () => {
    const message = "here: option 'draftTokenizer': has another vocabulary than draft 'mock-0'";
    expect(() => checkIt({ ...decoder, vocabularyFingerprint: 'another' })).toThrow(message);
    const shape = { ...decoder.shape, vocabulary: 10 };
    expect(() => checkIt({ ...decoder, vocabularyFingerprint: undefined, shape })).toThrow(message);
  });
});
