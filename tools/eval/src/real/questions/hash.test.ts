import { expect, it } from 'vitest';
import { hash } from './hash.js';

it('hash is FNV-1a, finished', () => {
  // FNV-1a of '' is its offset basis 0x811c9dc5; of 'a' 0xe40c292c.
  const finish = (bits: number) => {
    const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b) >>> 0;
    return (once ^ (once >>> 13)) >>> 0;
  };
  expect(hash('')).toBe(finish(0x811c9dc5));
  expect(hash('a')).toBe(finish(0xe40c292c));
});
