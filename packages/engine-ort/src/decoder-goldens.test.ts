import { argmax, type ForwardInput, type Sequence } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import {
  largestDifference,
  openTiny,
  readGolden,
  runtimes,
  sharedTiny,
  tinyModels,
} from './goldens.test.support.js';

const tolerance = 1e-3;

/** Greedy tokens: the first from `first`, the others by forwards of one token. */
async function greedy(
  sequence: Sequence,
  first: Float32Array,
  count: number,
  input: Omit<ForwardInput, 'ids'> = {},
): Promise<number[]> {
  const tokens = [argmax(first)];
  while (tokens.length < count) {
    const output = await sequence.forward({ ids: Int32Array.of(tokens.at(-1)!), ...input });
    tokens.push(argmax(output.logits));
  }
  return tokens;
}

describe.each(runtimes)('%s runtime', (runtime) => {
  describe.each(tinyModels)('%s', (model) => {
    const { prompts } = readGolden(model);

    it('decodes the reference tokens', async () => {
      const decoder = await sharedTiny(model, { runtime });
      for (const golden of Object.values(prompts)) {
        const sequence = await decoder.open();
        const { logits } = await sequence.forward({ ids: Int32Array.from(golden.ids) });
        expect(largestDifference(logits, golden.prefillLastLogits)).toBeLessThan(tolerance);
        const next = await sequence.forward({ ids: Int32Array.of(golden.greedyTokens[0]) });
        expect(largestDifference(next.logits, golden.firstDecodeLogits)).toBeLessThan(tolerance);
        const rest = await greedy(sequence, next.logits, golden.greedyTokens.length - 1);
        expect(rest).toEqual(golden.greedyTokens.slice(1));
        sequence.close();
      }
    });

    it('reads a prompt in chunks as at once, and gives the logits of every row', async () => {
      const decoder = await sharedTiny(model, { runtime });
      const golden = prompts.long ?? prompts.short;
      const ids = Int32Array.from(golden.ids);
      const whole = await (await decoder.open()).forward({ ids, want: { logits: 'all' } });
      const { vocabulary } = decoder.shape;
      const sequence = await decoder.open();
      for (let start = 0; start < ids.length; start += 7) {
        const chunk = ids.subarray(start, start + 7);
        const { logits } = await sequence.forward({ ids: chunk, want: { logits: 'all' } });
        const same = whole.logits.subarray(start * vocabulary, start * vocabulary + logits.length);
        expect(largestDifference(logits, same)).toBeLessThan(tolerance);
      }
      golden.argmaxAllRows.forEach((token, row) => {
        if (golden.top2MarginAllRows[row] <= 1e-3) return;
        expect(argmax(whole.logits.subarray(row * vocabulary, (row + 1) * vocabulary))).toBe(token);
      });
    });
  });

  describe.each(['tiny-llama', 'tiny-qwen2'] as const)('%s', (model) => {
    const golden = readGolden(model).prompts.long!;
    const ids = Int32Array.from(golden.ids);
    const last = ids.length - 1;

    it.each(['snapKv', 'streamingLlm', 'tova', 'specKv'] as const)(
      'decodes on the reduced cache of %s',
      async (policy) => {
        const { kept, decode } =
          policy === 'specKv' ? golden.policies.specKv : golden.policies[policy].refeed;
        const decoder = await sharedTiny(model, { runtime });
        const sequence = await decoder.open();
        await sequence.forward({ ids, want: { logits: 'none' } });
        const before = sequence.cache.bytes;
        sequence.edit({ keep: (layer, head) => Uint32Array.from(kept[layer][head]), refeed: 1 });
        expect(sequence.cache.bytes).toBeLessThan(before);
        expect(sequence.cache.nextPosition).toBe(last);
        expect([...sequence.cache.positions(2, 1)]).toEqual(kept[2][1]);
        const { logits } = await sequence.forward({ ids: ids.slice(last) });
        expect(largestDifference(logits, decode.firstLogits)).toBeLessThan(tolerance);
        expect(await greedy(sequence, logits, decode.greedyTokens.length)).toEqual(
          decode.greedyTokens,
        );
      },
    );

    it.each(['gates', 'cut'] as const)('skips layers in decode by %s', async (skipping) => {
      const { layerSkip } = golden;
      const decoder = await openTiny(model, { runtime, skipping });
      const sequence = await decoder.open({ needs: ['layers.skip'] });
      await sequence.forward({ ids });
      const layers = Uint8Array.from({ length: decoder.shape.layers }, (_, layer) =>
        layerSkip.skippedLayers.includes(layer) ? 0 : 1,
      );
      const { logits } = await sequence.forward({ ids: Int32Array.of(layerSkip.fedToken), layers });
      expect(largestDifference(logits, layerSkip.firstDecodeLogits)).toBeLessThan(tolerance);
      expect(await greedy(sequence, logits, 6, { layers })).toEqual(layerSkip.greedyTokens);
      expect([0, 1, 2, 3].map((layer) => sequence.cache.rows(layer))).toEqual(
        [...layers].map((gate) => ids.length + 6 * gate),
      );
    });

    it('holds the reference keys', async () => {
      const { positions, values } = golden.internals.keyCachePostRope;
      const decoder = await sharedTiny(model, { runtime });
      const sequence = await decoder.open();
      await sequence.forward({ ids });
      const { headDim, kvHeads, layers } = decoder.shape;
      for (let layer = 0; layer < layers; layer++) {
        const keys = sequence.cache.keys(layer);
        for (let head = 0; head < kvHeads; head++)
          positions.forEach((position, i) => {
            const start = (head * ids.length + position) * headDim;
            const key = keys.subarray(start, start + headDim);
            expect(largestDifference(key, values[layer][head][i])).toBeLessThan(1e-4);
          });
      }
    });

    it('scores as the reference attends', async () => {
      const { layers, rows, values } = golden.internals.attentionPostSoftmax;
      const decoder = await sharedTiny(model, { runtime });
      const { heads, kvHeads } = decoder.shape;
      const rowWeights = Float32Array.from(rows, (_, row) => 1 / (row + 1));
      const want = { rows: rows.length, layers };
      const sequence = await decoder.open({ needs: ['scores'] });
      const { scores } = await sequence.forward({
        ids,
        want: {
          scores: {
            sum: { ...want, reduceRows: 'sum', reduceHeads: 'none' },
            max: { ...want, reduceRows: 'max', reduceHeads: 'max' },
            last: { rows: 1, layers, reduceRows: 'mean', reduceHeads: 'none' },
            weighted: { ...want, rowWeights, reduceRows: 'mean', reduceHeads: 'mean' },
          },
        },
      });
      layers.forEach((layer, i) => {
        const attention = (head: number, row: number, key: number) => values[i][head][row][key];
        const over = (all: number[], how: 'max' | 'sum') =>
          how === 'max' ? Math.max(...all) : all.reduce((a, b) => a + b);
        const group = heads / kvHeads;
        const expectScores = (
          name: string,
          outer: number,
          expected: (head: number, key: number) => number,
        ) => {
          const reference = Array.from({ length: outer * ids.length }, (_, at) =>
            expected(Math.floor(at / ids.length), at % ids.length),
          );
          expect(largestDifference(scores![name].get(layer)!, reference)).toBeLessThan(1e-4);
        };
        expectScores('sum', heads, (head, key) =>
          over(
            rows.map((_, row) => attention(head, row, key)),
            'sum',
          ),
        );
        expectScores('last', heads, (head, key) => attention(head, rows.length - 1, key));
        const inGroup = (kvHead: number) =>
          Array.from({ length: group }, (_, h) => kvHead * group + h);
        expectScores('max', kvHeads, (kvHead, key) =>
          over(
            inGroup(kvHead).flatMap((head) => rows.map((_, row) => attention(head, row, key))),
            'max',
          ),
        );
        expectScores('weighted', kvHeads, (kvHead, key) =>
          over(
            inGroup(kvHead).flatMap((head) =>
              rows.map(
                (_, row) => (rowWeights[row] * attention(head, row, key)) / rows.length / group,
              ),
            ),
            'sum',
          ),
        );
      });
    });

    it("gives the mean of each layer's normalised input", async () => {
      const decoder = await sharedTiny(model, { runtime });
      const sequence = await decoder.open({ needs: ['hidden.means'] });
      const { hiddenMeans } = await sequence.forward({ ids, want: { hiddenMeans: true } });
      expect(
        largestDifference(hiddenMeans!, golden.internals.normalisedInputMean.values.flat()),
      ).toBeLessThan(1e-4);
    });
  });
});
