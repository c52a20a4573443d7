import { InvalidOptionsError } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../errors.js';
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

describe('KvCache', () => {
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

  it('is as large as an edit says while that suffices, and moves no buffer for it', () => {
    const cache = new KvCache(shape, { maxPositions: 4096, firstRows: 500 });
    const row = 2 * shape.layers * shape.kvHeads * shape.headDim * 4;
    const readNext = (count: number) =>
      write(
        cache,
        Array.from({ length: count }, (_, i) => cache.nextPosition + i),
      );
    const keep = () => Uint32Array.from({ length: 20 }, (_, i) => 2 * i);
    readNext(100);
    expect(cache.bytes).toBe(500 * row);
    cache.edit({ keep, refeed: 1, rowsAhead: 30 });
    expect(cache.bytes).toBe(51 * row);
    const { version } = cache;
    for (let step = 0; step < 20; step++) {
      readNext(30);
      cache.edit({ keep, renumber: true, rowsAhead: 31 });
      expect(cache.bytes).toBe(51 * row);
    }
    expect(cache.version).toBe(version);
    readNext(32);
    expect(cache.bytes).toBe((52 + 64) * row);
    cache.edit({ keep: () => new Uint32Array(), rowsAhead: 0 });
    expect(cache.bytes).toBe(0);
    readNext(1);
    expect(cache.bytes).toBe(65 * row);
  });

  it('grows within the rows it was told, while they suffice', () => {
    const cache = new KvCache(shape, { maxPositions: 4096, maxRows: 100 });
    const row = cache.bytes + 2 * shape.layers * shape.kvHeads * shape.headDim * 4;
    write(
      cache,
      Array.from({ length: 90 }, (_, i) => i),
    );
    const copy = cache.share();
    write(copy, [90]);
    expect([cache.bytes, copy.bytes]).toEqual([100 * row, 100 * row]);
    write(
      cache,
      Array.from({ length: 11 }, (_, i) => 90 + i),
    );
    expect(cache.bytes).toBe((101 + 64) * row);
  });

  it('copies only the rows that a fork keeps', () => {
    const cache = new KvCache(shape, { maxPositions: 4096 });
    write(
      cache,
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const keep = () => Uint32Array.of(3, 997);
    const row = 2 * shape.layers * shape.kvHeads * shape.headDim * 4;
    expect(cache.copy({ keep, refeed: 1, rowsAhead: 5 }).bytes).toBe(8 * row);
    expect(cache.copy({ keep }).bytes).toBe(66 * row);
    const fork = cache.copy({ keep, refeed: 1 });
    expect([fork.nextPosition, cache.nextPosition]).toEqual([999, 1000]);
    expect([...fork.positions(1, 0)]).toEqual([3, 997]);
    expectIntact(fork);
    expectIntact(cache);
    expect(() => cache.copy({ keep: () => Uint32Array.of(1000) })).toThrow(InvalidOptionsError);
  });

  it('lets a fork that was given `rowsAhead` grow by a growth, not back to the first size', () => {
    const cache = new KvCache(shape, { maxPositions: 4096, firstRows: 500 });
    const row = 2 * shape.layers * shape.kvHeads * shape.headDim * 4;
    cache.reserve(10, all);
    cache.append(
      Int32Array.from({ length: 10 }, (_, i) => i),
      all,
    );
    const fork = cache.copy({ keep: () => Uint32Array.of(0, 1, 2, 3), rowsAhead: 2 });
    expect(fork.bytes).toBe(6 * row);
    fork.reserve(4, all);
    expect(fork.bytes).toBe((8 + 64) * row);
  });

  it('shares the rows of a fork until one of them writes', () => {
    const row = 2 * shape.layers * shape.kvHeads * shape.headDim * 4;
    for (const writesFirst of ['fork', 'cache'] as const) {
      const cache = new KvCache(shape, { maxPositions: 4096, firstRows: 200 });
      write(cache, [0, 1, 2, 3]);
      const fork = cache.share();
      expect([cache.bytes, fork.bytes]).toEqual([100 * row, 100 * row]);
      const [first, second] = writesFirst === 'fork' ? [fork, cache] : [cache, fork];
      const { version } = second;
      write(first, [4, 5]);
      write(second, [7]);
      expect(second.version).toBe(version);
      expect(first.bytes).toBe((6 + 64) * row);
      expect(second.bytes).toBe(200 * row);
      expect([...first.positions(1, 0)]).toEqual([0, 1, 2, 3, 4, 5]);
      expect([...second.positions(0, 1)]).toEqual([0, 1, 2, 3, 7]);
      for (const one of [first, second]) expectIntact(one);
    }
  });

  it('leaves a fork alone whatever is done to the cache', () => {
    const changes: readonly ((cache: KvCache) => void)[] = [
      (cache) => cache.edit({ keep: () => Uint32Array.of(1, 3) }),
      (cache) => cache.edit({ keep: () => Uint32Array.of(1, 3), refeed: 1, rowsAhead: 2 }),
      (cache) => cache.edit({ truncate: 2 }),
      (cache) => cache.close(),
      (cache) => write(cache, [9], (layer) => layer === 0),
    ];
    for (const change of changes)
      for (const changed of [0, 1]) {
        const cache = new KvCache(shape, { maxPositions: 4096 });
        write(cache, [0, 1, 2, 3, 4]);
        const both = [cache, cache.share()];
        change(both[changed]);
        if (both[changed].bytes > 0 && both[changed].rows(0) === 2) write(both[changed], [12]);
        const other = both[1 - changed];
        expectIntact(other);
        expect([...other.positions(1, 1)]).toEqual([0, 1, 2, 3, 4]);
        write(other, [20]);
        expectIntact(other);
        expectIntact(both[changed]);
      }
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
      { keep: () => Uint32Array.of(3), rowsAhead: -1 },
      { keep: () => Uint32Array.of(3), rowsAhead: 1.5 },
      { truncate: 5 },
      { truncate: -1 },
      { truncate: 1.5 },
    ];
    for (const edit of refused) expect(() => cache.edit(edit)).toThrow(InvalidOptionsError);
    expect([...cache.positions(1, 0)]).toEqual([0, 1, 2, 3]);
    expect(cache.nextPosition).toBe(4);
    expectIntact(cache);
  });

  it('restores into an empty cache, or is left as it was', () => {
    const cache = new KvCache(shape, { maxPositions: 16 });
    write(cache, [0, 1, 2, 5]);
    const saved = cache.save();
    expect(() => cache.restore(saved)).toThrow(/rows were read/);
    const restored = new KvCache(shape, { maxPositions: 16 });
    const [first, second] = saved.layers;
    const wrong = [
      { ...saved, nextRotaryPosition: 17 },
      { ...saved, nextPosition: 5 },
      { ...saved, layers: [first] },
      { ...saved, layers: [first, { ...second, keys: second.keys.subarray(1) }] },
      { ...saved, layers: [first, { ...second, rows: 2 ** 40 }] },
    ];
    for (const one of wrong) expect(() => restored.restore(one)).toThrow(InvalidOptionsError);
    expect([restored.nextPosition, restored.rows(0), restored.bytes]).toEqual([0, 0, 0]);
    restored.restore(saved);
    expectIntact(restored);
    expect(restored.save()).toEqual(saved);
    expect(restored.lastPosition).toBe(5);
  });

  it('refuses more rows than the machine has memory for', () => {
    const wide = { layers: 1000, kvHeads: 1024, headDim: 1024 };
    expect(() => new KvCache(wide, { maxPositions: 2 ** 31, firstRows: 2 ** 20 })).toThrow(
      OutOfMemoryError,
    );
    const cache = new KvCache(wide, { maxPositions: 2 ** 31 });
    expect(() => cache.reserve(2 ** 20, all)).toThrow(OutOfMemoryError);
    expect(cache.bytes).toBe(0);
    const narrow = { layers: 1000, kvHeads: 1, headDim: 1 };
    const full = new KvCache(narrow, { maxPositions: 2 ** 31 });
    full.reserve(1, all);
    full.append(Int32Array.of(0), all);
    const edit = { keep: () => Uint32Array.of(0), rowsAhead: 2 ** 32 };
    expect(() => full.edit(edit)).toThrow(OutOfMemoryError);
    expect(() => full.copy(edit)).toThrow(OutOfMemoryError);
    expect(full.rows(0)).toBe(1);
  });
});
