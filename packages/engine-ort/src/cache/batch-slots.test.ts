import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherSlots } from './batch-slots.js';
import { KvCache } from './kv-cache.js';

const shape = { layers: 2, kvHeads: 2, headDim: 2 };
const all = () => true;

/** A cache beside what was written into it: a number for each row. */
interface Marked {
  readonly cache: KvCache;
  readonly marks: number[];
}

let marks = 0;

function open(rows: number, firstRows = rows): Marked {
  const one = { cache: new KvCache(shape, { maxPositions: 4096, firstRows }), marks: [] };
  for (let row = 0; row < rows; row++) {
    one.cache.reserve(1, all);
    write(one);
  }
  return one;
}

/** A row in the place that was made for it. */
function write({ cache, marks: written }: Marked): void {
  const mark = marks++;
  const { layers, kvHeads, headDim } = shape;
  for (let layer = 0; layer < layers; layer++) {
    const keys = new Float32Array(kvHeads * headDim).fill(mark + layer / 2);
    cache.layer(layer).write(
      keys,
      keys.map((key) => -key),
      0,
      1,
    );
  }
  cache.append(Int32Array.of(cache.nextPosition), all);
  written.push(mark);
}

function fork({ cache, marks: written }: Marked): Marked {
  return { cache: cache.share(), marks: [...written] };
}

/** One row for each member, as a batched forward writes them. */
function step(members: readonly Marked[]): void {
  const order = gatherSlots(
    shape,
    members.map(({ cache }) => cache),
    all,
  );
  for (let layer = 0; layer < shape.layers; layer++)
    order.forEach((cache, slot) => {
      expect(cache.layer(layer).slot).toBe(slot);
      expect(cache.layer(layer).block).toBe(order[0].layer(layer).block);
      expect(cache.layer(layer).isShared).toBe(false);
    });
  for (const member of members) write(member);
}

function expectIntact({ cache, marks: written }: Marked): void {
  for (let layer = 0; layer < shape.layers; layer++) {
    const rows = written.flatMap((mark) => Array(shape.headDim).fill(mark + layer / 2));
    const expected = Float32Array.from([...rows, ...rows]);
    expect(cache.keys(layer)).toEqual(expected);
    expect(cache.values(layer)).toEqual(expected.map((value) => -value));
    expect([...cache.positions(layer, 1)]).toEqual(written.map((_, position) => position));
  }
}

/** Members that the action moves. */
function moved(members: readonly Marked[], act: () => void): number[] {
  const before = members.map(({ cache }) => cache.version);
  act();
  return members.flatMap(({ cache }, index) => (cache.version === before[index] ? [] : [index]));
}

describe('gatherSlots', () => {
  it('moves nobody from step to step', () => {
    const first = open(10, 100);
    const members = [first, fork(first), fork(first), fork(first)];
    step(members);
    for (let i = 0; i < 60; i++) expect(moved(members, () => step(members))).toEqual([]);
    members.forEach(expectIntact);
  });

  it('copies only those that took the place of others', () => {
    const first = open(10, 200);
    const members = [first, ...[1, 2, 3, 4, 5].map(() => fork(first))];
    step(members);
    step(members);
    // As resampling does: 1 and 4 go, 2 and 5 go on twice.
    for (const gone of [1, 4]) members[gone].cache.close();
    const next = [
      members[0],
      members[2],
      fork(members[2]),
      members[3],
      members[5],
      fork(members[5]),
    ];
    expect(moved(next, () => step(next))).toEqual([2, 5]);
    next.forEach(expectIntact);
    expect(moved(next, () => step(next))).toEqual([]);
    next.forEach(expectIntact);
  });

  it('goes on in the same block with fewer members, until they are few', () => {
    const first = open(10, 200);
    const members = [first, ...[1, 2, 3, 4, 5].map(() => fork(first))];
    step(members);
    members[0].cache.close();
    const five = members.slice(1);
    // The last one fills the gap.
    expect(moved(five, () => step(five))).toEqual([4]);
    for (const { cache } of five.slice(2)) cache.close();
    const two = five.slice(0, 2);
    const { bytes } = two[0].cache;
    expect(moved(two, () => step(two))).toEqual([0, 1]);
    expect(two[0].cache.bytes).toBeLessThan(bytes);
    two.forEach(expectIntact);
  });

  it('leaves alone who is not stepped, wherever it is', () => {
    const first = open(5, 50);
    const members = [first, fork(first), fork(first)];
    step(members);
    const paused = fork(members[1]);
    for (let i = 0; i < 3; i++) {
      step(members);
      step([members[2], members[0]]);
    }
    [...members, paused].forEach(expectIntact);
    step([paused, ...members]);
    [...members, paused].forEach(expectIntact);
  });

  it('loses no row and mixes none up, whatever comes', { timeout: 180_000 }, () => {
    const action = fc.record({
      do: fc.constantFrom('step', 'fork', 'close', 'open', 'alone', 'truncate', 'keep'),
      pick: fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (actions) => {
        const alive = [open(3)];
        for (const { do: what, pick } of actions) {
          const chosen = [...new Set(pick.map((index) => alive[index % alive.length]))];
          const [one] = chosen;
          if (what === 'step' && chosen.length > 1) step(chosen);
          if (what === 'fork') alive.push(...chosen.map(fork));
          if (what === 'open') alive.push(open(pick[0]));
          if (what === 'alone') {
            one.cache.reserve(1, all);
            write(one);
          }
          if (what === 'truncate') {
            const position = Math.min(one.marks.length, pick[0]);
            one.cache.edit({ truncate: position });
            one.marks.length = position;
          }
          if (what === 'keep') {
            const rows = one.marks.length;
            one.cache.edit({ keep: () => Uint32Array.from({ length: rows }, (_, row) => row) });
          }
          if (what === 'close' && alive.length > chosen.length)
            for (const gone of chosen) {
              gone.cache.close();
              alive.splice(alive.indexOf(gone), 1);
            }
          alive.forEach(expectIntact);
        }
      }),
      { numRuns: 60 },
    );
  });
});
