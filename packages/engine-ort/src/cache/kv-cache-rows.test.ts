import { randomStream } from '@pliant/core';
import { ReferenceCache } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherSlots } from './batch-slots.js';
import { KeyRotation } from './key-rotation.js';
import { KvCache } from './kv-cache.js';

const shape = { layers: 2, kvHeads: 2, headDim: 6 };
const { layers, kvHeads, headDim } = shape;
const all = () => true;

/** Rotates the first four numbers of a key; the other two are not rotated. */
const frequencies = [1, 0.05];
const maxPositions = 4096;
const table = (of: (angle: number) => number) =>
  Float32Array.from({ length: maxPositions * 2 }, (_, i) =>
    of(Math.floor(i / 2) * frequencies[i % 2]),
  );
const tables = [table(Math.cos), table(Math.sin)] as const;

/** [D], the key of a token before rotation, and what it is at a rotary position. */
function keyOf(token: number, layer: number, head: number, rotary: number, interleaved: boolean) {
  const key = Array.from({ length: headDim }, (_, d) =>
    Math.sin(1 + token * 7 + layer * 3 + head * 11 + d),
  );
  frequencies.forEach((frequency, pair) => {
    const [a, b] = interleaved ? [2 * pair, 2 * pair + 1] : [pair, pair + 2];
    const [cos, sin] = [Math.cos(rotary * frequency), Math.sin(rotary * frequency)];
    [key[a], key[b]] = [key[a] * cos - key[b] * sin, key[b] * cos + key[a] * sin];
  });
  return key;
}

/** [D], the value of a token: no other has it. */
const valuesOf = (token: number, layer: number, head: number) =>
  new Array<number>(headDim).fill(token * 100 + layer * 10 + head);

/** A cache beside its reference. */
class Pair {
  constructor(
    readonly cache: KvCache,
    readonly reference: ReferenceCache,
    readonly interleaved: boolean,
  ) {}

  static open(interleaved: boolean): Pair {
    const rotation = new KeyRotation(...tables, 4, interleaved);
    const rotations = () => [rotation, rotation];
    const cache = new KvCache(shape, { maxPositions, rotations });
    return new Pair(cache, new ReferenceCache(layers, kvHeads), interleaved);
  }

  /** Does what a forward does, with the tokens numbered from `token`. */
  write(token: number, count: number, runs = (_layer: number) => true): void {
    this.cache.reserve(count, runs);
    this.writeReserved(token, count, runs);
  }

  writeReserved(token: number, count: number, runs = (_layer: number) => true): void {
    const { cache, reference } = this;
    const first = cache.nextPosition;
    const rotary = cache.nextRotaryPosition;
    const rows = Array.from({ length: kvHeads * count }, (_, i) => [
      Math.floor(i / count),
      i % count,
    ]);
    for (let layer = 0; layer < layers; layer++) {
      if (!runs(layer)) continue;
      const keys = rows.flatMap(([head, i]) =>
        keyOf(token + i, layer, head, rotary + i, this.interleaved),
      );
      const values = rows.flatMap(([head, i]) => valuesOf(token + i, layer, head));
      cache.layer(layer).write(Float32Array.from(keys), Float32Array.from(values), 0, count);
    }
    cache.append(
      Int32Array.from({ length: count }, (_, i) => first + i),
      runs,
    );
    for (let i = 0; i < count; i++) reference.append(token + i, undefined, runs);
  }

  expectSame(): void {
    const { cache, reference } = this;
    expect([cache.nextPosition, cache.nextRotaryPosition]).toEqual([
      reference.nextPosition,
      reference.nextRotaryPosition,
    ]);
    let [last, lastRotary] = [-1, -1];
    for (let layer = 0; layer < layers; layer++) {
      const heads = [0, 1].map((head) => reference.rows(layer, head));
      heads.forEach((rows, head) => {
        expect([...cache.positions(layer, head)]).toEqual(rows.map(({ position }) => position));
        expect([...cache.layer(layer).rotaryPositions(head)]).toEqual(
          rows.map(({ rotary }) => rotary),
        );
        last = Math.max(last, ...rows.map(({ position }) => position));
        lastRotary = Math.max(lastRotary, ...rows.map(({ rotary }) => rotary));
      });
      expect([...cache.values(layer)]).toEqual(
        heads.flatMap((rows, head) => rows.flatMap(({ token }) => valuesOf(token, layer, head))),
      );
      const keys = heads.flatMap((rows, head) =>
        rows.flatMap(({ token, rotary }) => keyOf(token, layer, head, rotary, this.interleaved)),
      );
      // Keys and tables are rounded to float32, and again with every turn: a few times 1e-7 each,
      // and there are at most 20.
      const difference = cache.keys(layer).map((key, i) => Math.abs(key - keys[i]));
      expect(Math.max(0, ...difference)).toBeLessThan(1e-5);
    }
    expect([cache.lastPosition, cache.lastRotaryPosition]).toEqual([last, lastRotary]);
  }
}

const edit = {
  seed: fc.integer(),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  refeed: fc.constantFrom<0 | 1>(0, 1),
  renumber: fc.constantFrom<true | undefined>(true, undefined),
  rowsAhead: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
};
const action = fc.oneof(
  fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ do: fc.constant('skip' as const), layer: fc.constantFrom(0, 1) }),
  fc.record({ do: fc.constant('keep' as const), ...edit }),
  fc.record({ do: fc.constant('fork in part' as const), ...edit }),
  fc.record({
    do: fc.constant('truncate' as const),
    share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
  fc.record({ do: fc.constant('fork' as const) }),
  fc.record({ do: fc.constant('save' as const) }),
  fc.record({ do: fc.constant('batch' as const) }),
);

describe('the rows of a KvCache', () => {
  it.each([false, true])(
    'are not lost, doubled or moved to another position, whatever is done (interleaved: %s)',
    (interleaved) => {
      fc.assert(
        fc.property(fc.array(action, { maxLength: 20, size: 'max' }), (actions) => {
          let tokens = 0;
          const write = (pair: Pair, count: number, runs = all as (layer: number) => boolean) => {
            pair.write(tokens, count, runs);
            tokens += count;
          };
          let pair = Pair.open(interleaved);
          const other = Pair.open(interleaved);
          write(other, 3);
          const left: Pair[] = [other];
          for (const step of actions) {
            const { cache, reference } = pair;
            if (step.do === 'append') write(pair, step.count);
            if (step.do === 'skip') write(pair, 1, (layer) => layer !== step.layer);
            if (step.do === 'keep' || step.do === 'fork in part') {
              const { refeed, renumber, rowsAhead } = step;
              if (reference.nextPosition === 0) continue;
              const random = randomStream(step.seed, 'keep');
              const { keep } = reference.randomKeep(random, step.share, refeed);
              const given = { keep, refeed, renumber, rowsAhead };
              if (step.do === 'keep') {
                cache.edit(given);
                reference.edit(given);
              } else {
                left.push(pair);
                pair = new Pair(cache.copy(given), reference.fork(given), interleaved);
              }
              if (rowsAhead !== undefined && pair.cache.layer(0).block.users === 1) {
                let rows = 0;
                for (let layer = 0; layer < layers; layer++)
                  rows += pair.cache.rows(layer) + refeed + rowsAhead;
                expect(pair.cache.bytes).toBe(2 * 4 * kvHeads * headDim * rows);
              }
            }
            if (step.do === 'truncate') {
              const position = Math.floor(step.share * (cache.nextPosition + 1));
              if (!reference.canTruncate(position))
                expect(() => cache.edit({ truncate: position })).toThrow(/must stay equal/);
              else for (const one of [cache, reference]) one.edit({ truncate: position });
            }
            if (step.do === 'fork') {
              left.push(pair);
              pair = new Pair(cache.share(), reference.fork(), interleaved);
            }
            if (step.do === 'save') {
              left.push(pair);
              const restored = Pair.open(interleaved).cache;
              restored.restore(cache.save());
              pair = new Pair(restored, reference.fork(), interleaved);
            }
            if (step.do === 'batch') {
              const members = new Map([pair, other].map((member) => [member.cache, member]));
              const order = gatherSlots(shape, [...members.keys()], all);
              expect(new Set(order)).toEqual(new Set(members.keys()));
              for (const member of order) members.get(member)!.writeReserved(tokens++, 1);
              expect(pair.cache.layer(0).block).toBe(other.cache.layer(0).block);
            }
            pair.expectSame();
            other.expectSame();
          }
          for (const pair of left) pair.expectSame();
        }),
        { numRuns: 30 },
      );
    },
  );
});
