import { expect, it } from 'vitest';
import { outerLayers } from './selector.js';

it.each([
  [1, [0]],
  [2, [0, 1]],
  [3, [0, 1, 2]],
  [4, [0, 1, 2, 3]],
  [30, [0, 1, 2, 29]],
])('names the outer layers that a model of %i layers has', (layers, outer) => {
  expect([...new Set(outerLayers(layers))].sort((a, b) => a - b)).toEqual(outer);
});
