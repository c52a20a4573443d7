import { expect, test } from 'vitest';
import { argmax } from './argmax.js';

test.each([
  [[3], 0],
  [[1, 4, 2], 1],
  [[1, 4, 4], 1],
  [[-Infinity, -2], 1],
])('argmax of %j is %i', (values, index) => {
  expect(argmax(Float32Array.from(values))).toBe(index);
});
