import { randomStream } from '@pliant/core';
import { expect, test } from 'vitest';
import { largestDifference } from '../goldens.test.support.js';
import { KeyRotation } from './key-rotation.js';

const headDim = 64;
const half = headDim / 2;
const positions = 8192;

/** Tables as exporters make them: angles in float32. */
function tables(scale = 1): [Float32Array, Float32Array] {
  const angle = (i: number) =>
    Math.fround(Math.floor(i / half) * Math.fround(10_000 ** (-(i % half) / half)));
  const of = (call: (angle: number) => number) =>
    Float32Array.from({ length: positions * half }, (_, i) => scale * call(angle(i)));
  return [of(Math.cos), of(Math.sin)];
}

const random = randomStream(3, 'keys');
const key = Float32Array.from({ length: headDim }, () => 4 * random() - 2);

/** The key as the attention operator rotates it, from the tables. */
function rotated([cos, sin]: readonly Float32Array[], position: number): Float32Array {
  return key.map((_, d) => {
    const i = d % half;
    const [c, s] = [cos[position * half + i], sin[position * half + i]];
    return d < half ? key[i] * c - key[i + half] * s : key[i + half] * c + key[i] * s;
  });
}

test.each([1, 1.37])(
  'a key turned is the key rotated there, also by tables scaled by %d',
  (scale) => {
    const both = tables(scale);
    const rotation = new KeyRotation(...both, headDim, false);
    for (const [from, to] of [
      [0, 1],
      [8191, 0],
      [8191, 4095],
      [17, 8000],
    ]) {
      const keys = rotated(both, from);
      rotation.turn(keys, 0, from, to);
      expect(largestDifference(keys, rotated(both, to))).toBeLessThan(2e-6);
    }
  },
);

test('a key that was turned 1,000 times is off by roundings only', () => {
  const both = tables();
  const rotation = new KeyRotation(...both, headDim, false);
  const keys = rotated(both, 0);
  let at = 0;
  for (let turn = 0; turn < 1000; turn++) {
    const to = Math.floor(random() * positions);
    rotation.turn(keys, 0, at, to);
    at = to;
  }
  const off = largestDifference(keys, rotated(both, at));
  expect(off).toBeGreaterThan(0);
  expect(off).toBeLessThan(1e-4);
});
