import { mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it, vi } from 'vitest';
import { tokenBytes } from './token-bytes.js';

describe('tokenBytes', () => {
  it('asks the tokenizer once for each token, over all generations', () => {
    const tokenizer = mockTokenizer();
    const bytes = vi.spyOn(tokenizer, 'bytes');
    expect(tokenBytes(tokenizer)(0x61)).toEqual(Uint8Array.of(0x61));
    expect(tokenBytes(tokenizer)(0x61)).toEqual(Uint8Array.of(0x61));
    expect(bytes).toHaveBeenCalledTimes(1);
  });

  it('has none for control tokens, tokens without bytes and ids that only the model knows', () => {
    const tokenizer = mockTokenizer();
    const empty = { ...tokenizer, bytes: () => new Uint8Array(0) };
    for (const id of tokenizer.special) expect(tokenBytes(tokenizer)(id)).toBeUndefined();
    expect(tokenBytes(empty)(5)).toBeUndefined();
    expect(tokenBytes(tokenizer)(tokenizer.vocabularySize)).toBeUndefined();
  });
});
