import { InvalidOptionsError } from '@pliant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherSlots } from './batch-slots.js';
import { OutOfMemoryError } from './errors.js';
import { KvCache } from './kv-cache.js';

const shape = { layers: 2, kvHeads: 2, headDim: 3 };
const all = () => true;

/** A row's key holds its position, layer and head; its value the negative. */
function write(cache: KvCache, positions: readonly number[], runs = (_: number) => true): void {
  cache.reserve(positions.length, runs);
  for (let layer = 0; layer < shape.layers; layer++) {
    if (!runs(layer)) continue;
    const keys = Float32Array.from(
      { length: shape.kvHeads * positions.length * shape.headDim },
      (_, i) => {
        const row = Math.floor(i / shape.headDim);
        return mark(layer, Math.floor(row / positions.length), positions[row % positions.length]);
      },
    );
    cache.layer(layer).write(
      keys,
      keys.map((key) => -key),
      0,
      positions.length,
    );
  }
  cache.append(Int32Array.from(positions), runs);
}

function mark(layer: number, head: number, position: number): number {
  return position * 100 + layer * 10 + head + 1;
}

/** Every row must still belong to its position. */
function expectIntact(cache: KvCache): void {
  for (let layer = 0; layer < shape.layers; layer++) {
    const marks = Array.from({ length: shape.kvHeads }, (_, head) =>
      Array.from(cache.positions(layer, head), (position) =>
        new Array<number>(shape.headDim).fill(mark(layer, head, position)),
      ),
    ).flat(2);
    expect(marks.length).toBe(shape.kvHeads * cache.rows(layer) * shape.headDim);
    expect([...cache.keys(layer)]).toEqual(marks);
    expect([...cache.values(layer)]).toEqual(marks.map((value) => -value));
  }
}

const action = fc.oneof(
  fc.record({ do: fc.constant('write' as const), count: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ do: fc.constant('skip' as const), layer: fc.constantFrom(0, 1) }),
  fc.record({ do: fc.constant('keep' as const), every: fc.integer({ min: 1, max: 9 }) }),
  fc.record({
    do: fc.constant('truncate' as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ do: fc.constant('fork' as const) }),
  fc.record({ do: fc.constant('batch' as const) }),
);

describe('KvCache', () => {
  it('keeps rows with their positions through writes, edits, forks and batches', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
        let cache = new KvCache(shape, { maxPositions: 4096 });
        const other = new KvCache(shape, { maxPositions: 4096 });
        write(other, [0, 1, 2]);
        for (const step of actions) {
          const next = cache.nextPosition;
          if (step.do === 'write')
            write(
              cache,
              Array.from({ length: step.count }, (_, i) => next + i),
            );
          if (step.do === 'skip') write(cache, [next], (layer) => layer !== step.layer);
          if (step.do === 'keep') {
            const kept = (layer: number, head: number) =>
              Uint32Array.from(
                { length: Math.floor(cache.rows(layer) / step.every) },
                (_, i) => i * step.every + (head % step.every),
              );
            const expected = Array.from(kept(1, 1), (row) => cache.positions(1, 1)[row]);
            cache.edit({ keep: kept });
            expect([...cache.positions(1, 1)]).toEqual(expected);
          }
          if (step.do === 'truncate') {
            const position = Math.floor(step.share * next);
            const before = [0, 1].map((head) =>
              [...cache.positions(0, head)].filter((p) => p < position),
            );
            const equal = [0, 1].every((layer) => {
              const [a, b] = [0, 1].map(
                (head) => cache.positions(layer, head).filter((p) => p < position).length,
              );
              return a === b;
            });
            if (!equal)
              expect(() => cache.edit({ truncate: position })).toThrow(InvalidOptionsError);
            else {
              cache.edit({ truncate: position });
              expect([0, 1].map((head) => [...cache.positions(0, head)])).toEqual(before);
              expect(cache.nextPosition).toBe(position);
            }
          }
          if (step.do === 'fork') {
            const fork = cache.copy();
            write(cache, [cache.nextPosition]);
            cache.close();
            cache = fork;
          }
          if (step.do === 'batch') {
            const order = gatherSlots(shape, [cache, other], all);
            expect(new Set(order)).toEqual(new Set([cache, other]));
            for (const member of order) write(member, [member.nextPosition]);
            expect(cache.layer(0).block).toBe(other.layer(0).block);
          }
          expectIntact(cache);
          expectIntact(other);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives memory back after an edit that leaves little', () => {
    const cache = new KvCache(shape, { maxPositions: 4096, firstRows: 2048 });
    write(
      cache,
      Array.from({ length: 2048 }, (_, i) => i),
    );
    const full = cache.bytes;
    cache.edit({ keep: () => Uint32Array.from({ length: 255 }, (_, i) => i * 8), refeed: 1 });
    expect(full / cache.bytes).toBe(8);
    write(cache, [2047]);
    expect(full / cache.bytes).toBe(8);
    write(cache, [2048]);
    expect(full / cache.bytes).toBeGreaterThan(6);
    expectIntact(cache);
  });

  it('stays where it is while a policy drops as many rows as it reads', () => {
    for (const budget of [16, 64, 256, 1000]) {
      const cache = new KvCache(shape, { maxPositions: 4096 });
      write(
        cache,
        Array.from({ length: 3 * budget }, (_, i) => i),
      );
      const newest = () => {
        const rows = cache.rows(0);
        return Uint32Array.from({ length: budget }, (_, i) => rows - budget + i);
      };
      cache.edit({ keep: newest });
      const step = () => {
        write(cache, [cache.nextPosition]);
        cache.edit({ keep: newest });
      };
      step();
      const { version } = cache;
      for (let i = 0; i < 20; i++) step();
      expect(cache.version).toBe(version);
      expectIntact(cache);
    }
  });

  it('refuses edits that cannot be, and is left as it was', () => {
    const cache = new KvCache(shape, { maxPositions: 4096 });
    write(cache, [0, 1, 2, 3]);
    const refused = [
      { keep: () => Uint32Array.of(0, 4) },
      { keep: () => Uint32Array.of(1, 1) },
      { keep: (_: number, head: number) => new Uint32Array(head) },
      { keep: () => Uint32Array.of(3), refeed: 1 as const },
      { truncate: 5 },
      { truncate: -1 },
      { truncate: 1.5 },
    ];
    for (const edit of refused) expect(() => cache.edit(edit)).toThrow(InvalidOptionsError);
    expect([...cache.positions(1, 0)]).toEqual([0, 1, 2, 3]);
    expect(cache.nextPosition).toBe(4);
    expectIntact(cache);
  });

  it('refuses more rows than the machine has memory for', () => {
    const wide = { layers: 1000, kvHeads: 1024, headDim: 1024 };
    expect(() => new KvCache(wide, { maxPositions: 2 ** 31, firstRows: 2 ** 20 })).toThrow(
      OutOfMemoryError,
    );
    const cache = new KvCache(wide, { maxPositions: 2 ** 31 });
    expect(() => cache.reserve(2 ** 20, all)).toThrow(OutOfMemoryError);
    expect(cache.bytes).toBe(0);
  });
});
