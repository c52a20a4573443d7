import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeepEdit } from '../../../contract/cache.js';
import { allCapabilities } from '../../../contract/capability.js';
import type { Sequence } from '../../../contract/decoder.js';
import { randomStream } from '../../../sampling/random.js';
import { ReferenceCache } from '../../reference-cache.js';
import { mockDecoder } from '../mock-decoder.js';
import { rotate } from './mock-rotary.js';

const decoder = mockDecoder({ layers: 2 });
const { layers, kvHeads, headDim, vocabulary } = decoder.shape;

/** A sequence beside its reference. */
interface Pair {
  sequence: Sequence;
  reference: ReferenceCache;
}

/**
 * Keys and values of each token as they were written, [layers][G x D], and the rotary position
 * then.
 */
class Written {
  readonly tokens: { rotary: number; keys: Float32Array[]; values: Float32Array[] }[] = [];

  /** Notes the newest row of every layer. */
  note({ cache }: Sequence, rotary: number): void {
    const newest = (all: Float32Array, rows: number) =>
      Float32Array.from({ length: kvHeads * headDim }, (_, i) => {
        const head = Math.floor(i / headDim);
        return all[((head + 1) * rows - 1) * headDim + (i % headDim)];
      });
    const perLayer = Array.from({ length: layers }, (_, layer) => layer);
    this.tokens.push({
      rotary,
      keys: perLayer.map((layer) => newest(cache.keys(layer), cache.rows(layer))),
      values: perLayer.map((layer) => newest(cache.values(layer), cache.rows(layer))),
    });
  }
}

/** Keys are a few units large, and a rotation rounds to float32: 30 of them stay far below this. */
const tolerance = 1e-5;

function expectSame({ sequence, reference }: Pair, { tokens }: Written): void {
  const { cache } = sequence;
  const saved = sequence.save!();
  expect([cache.nextPosition, cache.nextRotaryPosition]).toEqual([
    reference.nextPosition,
    reference.nextRotaryPosition,
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const rows = cache.rows(layer);
    const { rotaryPositions, keys, values } = saved.layers[layer];
    for (let head = 0; head < kvHeads; head++) {
      const expected = reference.rows(layer, head);
      expect([...cache.positions(layer, head)]).toEqual(expected.map(({ position }) => position));
      expect([...rotaryPositions.subarray(head * rows, (head + 1) * rows)]).toEqual(
        expected.map(({ rotary }) => rotary),
      );
      expected.forEach(({ token, rotary }, row) => {
        const at = (head * rows + row) * headDim;
        const own = [head * headDim, (head + 1) * headDim] as const;
        const written = tokens[token];
        const key = Float64Array.from(written.keys[layer].subarray(...own));
        rotate(key, headDim, rotary - written.rotary);
        expect(distance(keys.subarray(at, at + headDim), key)).toBeLessThan(tolerance);
        expect(values.subarray(at, at + headDim)).toEqual(written.values[layer].subarray(...own));
      });
    }
  }
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

const edit = {
  seed: fc.integer(),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  refeed: fc.constantFrom<0 | 1>(0, 1),
  renumber: fc.constantFrom<true | undefined>(true, undefined),
  rowsAhead: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
};
const action = fc.oneof(
  fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('skip' as const) }),
  fc.record({ do: fc.constant('keep' as const), ...edit }),
  fc.record({ do: fc.constant('fork in part' as const), ...edit }),
  fc.record({ do: fc.constant('fork' as const) }),
  fc.record({ do: fc.constant('save' as const) }),
  fc.record({
    do: fc.constant('truncate' as const),
    share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
);

test('no row is lost, doubled or moved to another position, whatever is done', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 30, size: 'max' }), async (actions) => {
      const written = new Written();
      const open = () => decoder.open({ needs: allCapabilities });
      const append = async ({ sequence, reference }: Pair, gates?: Uint8Array) => {
        const token = written.tokens.length;
        const rotary = reference.nextRotaryPosition;
        await sequence.forward({ ids: Int32Array.of((token * 7) % vocabulary), layers: gates });
        reference.append(token, undefined, (layer) => gates?.[layer] !== 0);
        written.note(sequence, rotary);
      };
      /** What came before a fork: it must not change with it. */
      const left: Pair[] = [];
      let pair: Pair = { sequence: await open(), reference: new ReferenceCache(layers, kvHeads) };
      await append(pair);
      for (const step of actions) {
        const { sequence, reference } = pair;
        if (step.do === 'append') for (let i = 0; i < step.count; i++) await append(pair);
        if (step.do === 'skip') await append(pair, Uint8Array.of(1, 0));
        if (step.do === 'keep' || step.do === 'fork in part') {
          const { refeed, renumber, rowsAhead } = step;
          if (reference.nextPosition === 0) continue;
          const { keep } = reference.randomKeep(
            randomStream(step.seed, 'keep'),
            step.share,
            refeed,
          );
          const given: KeepEdit = { keep, refeed, renumber, rowsAhead };
          if (step.do === 'keep') {
            sequence.edit(given);
            reference.edit(given);
          } else {
            left.push(pair);
            pair = { sequence: await sequence.fork(given), reference: reference.fork(given) };
          }
          if (rowsAhead !== undefined)
            expect(pair.sequence.cache.bytes).toBe(bytesFor(pair, given));
        }
        if (step.do === 'fork') {
          left.push(pair);
          pair = { sequence: await sequence.fork(), reference: reference.fork() };
        }
        if (step.do === 'save') {
          left.push(pair);
          const restored = await open();
          restored.restore!(sequence.save!());
          pair = { sequence: restored, reference: reference.fork() };
        }
        if (step.do === 'truncate') {
          const position = Math.floor(step.share * (reference.nextPosition + 1));
          const possible = reference.canTruncate(position);
          if (!possible) expect(() => sequence.edit({ truncate: position })).toThrow('equal');
          else for (const one of [sequence, reference]) one.edit({ truncate: position });
        }
        expectSame(pair, written);
      }
      for (const pair of left) expectSame(pair, written);
    }),
    { numRuns: 100 },
  );
});

/** Of buffers for the rows, the one that is fed again and `rowsAhead`. */
function bytesFor({ sequence: { cache } }: Pair, { refeed = 0, rowsAhead = 0 }: KeepEdit): number {
  let rows = 0;
  for (let layer = 0; layer < layers; layer++) rows += cache.rows(layer) + refeed + rowsAhead;
  return rows * 2 * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
}
