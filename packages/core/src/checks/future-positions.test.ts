import { expect, test } from 'vitest';
import { futurePositions } from './future-positions.js';

test('the next positions, as far as the context goes, and at least its last one', () => {
  expect([...futurePositions(9, 3, 100)]).toEqual([10, 11, 12]);
  expect([...futurePositions(97, 512, 100)]).toEqual([98, 99]);
  expect([...futurePositions(99, 512, 100)]).toEqual([99]);
});
