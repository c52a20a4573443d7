import { expect, test } from 'vitest';
import { ReferenceCache } from './reference-cache.js';

const read = (tokens: number) => {
  const cache = new ReferenceCache(2, 1);
  for (let token = 0; token < tokens; token++) cache.append(token);
  return cache;
};
const shown = (cache: ReferenceCache, layer: number) =>
  cache.rows(layer, 0).map(({ token, position, rotary }) => [token, position, rotary]);

test('rows of a layer with fewer end where those of the fullest end', () => {
  const cache = read(6);
  cache.edit({
    keep: (layer) => (layer === 0 ? Uint32Array.of(0, 3, 5) : Uint32Array.of(4)),
    renumber: true,
  });
  expect(shown(cache, 0)).toEqual([
    [0, 0, 0],
    [3, 3, 1],
    [5, 5, 2],
  ]);
  expect(shown(cache, 1)).toEqual([[4, 4, 2]]);
  expect([cache.nextPosition, cache.nextRotaryPosition]).toEqual([6, 3]);
  cache.append(6);
  expect(shown(cache, 1)).toEqual([
    [4, 4, 2],
    [6, 6, 3],
  ]);
});

test('a token fed again keeps its position and comes right behind the rows', () => {
  const cache = read(6);
  cache.edit({ keep: () => Uint32Array.of(0, 4), refeed: 1, renumber: true });
  cache.append(5);
  expect(shown(cache, 0)).toEqual([
    [0, 0, 0],
    [4, 4, 1],
    [5, 5, 2],
  ]);
});

test.each([
  [8, 4],
  [7, 3],
  [6, 2],
  // Before the renumbering: behind the last row that is left.
  [5, 1],
  [4, 1],
  [1, 1],
  [0, 0],
])('truncated to %d it goes on at rotary position %d', (position, next) => {
  const cache = read(6);
  cache.edit({ keep: () => Uint32Array.of(0, 5), renumber: true });
  cache.append(6);
  cache.append(7);
  cache.edit({ truncate: position });
  expect([cache.nextPosition, cache.nextRotaryPosition]).toEqual([position, next]);
});

test('what a truncation leaves room for stays free where nothing was numbered anew', () => {
  const cache = read(6);
  cache.edit({ keep: () => Uint32Array.of(0, 1) });
  cache.edit({ truncate: 4 });
  expect(cache.nextRotaryPosition).toBe(4);
});

test('a fork is apart, and takes an edit', () => {
  const cache = read(4);
  const fork = cache.fork({ keep: () => Uint32Array.of(3) });
  fork.append(9);
  expect(shown(fork, 1)).toEqual([
    [3, 3, 3],
    [9, 4, 4],
  ]);
  expect(shown(cache, 1)).toHaveLength(4);
});
