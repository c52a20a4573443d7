import { type Middleware, pipeline } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import { openDecoder } from '@pliant/engine-ort';
import { fixturePath, readJson } from '@pliant/fixtures';
import {
  expectedAttention,
  keyDiff,
  knorm,
  kvDrop,
  observedAttention,
  type Policy,
  snapKV,
  specKV,
  streamingLLM,
  tova,
} from '@pliant/kv-drop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordKept } from './record-kept.js';
import { recordLogits } from './record-logits.js';

interface Kept {
  readonly kept: number[][][];
  readonly decode: { readonly firstLogits: number[]; readonly greedyTokens: number[] };
}
interface Golden {
  readonly prompts: {
    readonly long: {
      readonly ids: number[];
      readonly policies: {
        readonly specKv: Kept & { readonly settings: { readonly lookaheadTokens: number[] } };
      } & { readonly [policy: string]: { readonly refeed: Kept } };
    };
  };
}

/** A tokenizer of 512 ids, none of which ends the text. */
const inner = mockTokenizer();
const tokenizer = {
  ...inner,
  vocabularySize: 512,
  endOfText: new Set<number>(),
  special: new Set<number>(),
  bytes: (id: number) => Uint8Array.of(97 + (id % 26)),
  decode: (ids: readonly number[]) => ids.map((id) => String.fromCharCode(97 + (id % 26))).join(''),
};

/** Reads these tokens after the prompt, in place of what a draft writes. */
function lookAhead(tokens: readonly number[]): Middleware<'look-ahead'> {
  return {
    specificationVersion: 'v1',
    name: 'look-ahead',
    requires: [],
    create: () => ({
      prefill: (input, next) => next({ ...input, ids: Int32Array.of(...input.ids, ...tokens) }),
    }),
  };
}

const policies: { [golden: string]: () => Policy } = {
  specKv: () => specKV({ window: 4, kernel: 3, lookahead: 0 }),
  snapKv: () => snapKV({ window: 8, kernel: 5 }),
  streamingLlm: () => streamingLLM({ sinks: 4 }),
  tova: () => tova(),
  knorm: () => knorm(),
  keyDiff: () => keyDiff(),
  observedAttention: () => observedAttention(),
};

describe.each(['tiny-llama', 'tiny-qwen2'])('%s keeps the rows', (model) => {
  const { ids, policies: goldens } = readJson<Golden>(`models/${model}/golden.json`).prompts.long;
  let decoder: Awaited<ReturnType<typeof openDecoder>>;
  beforeAll(async () => {
    decoder = await openDecoder(fixturePath(`models/${model}`), { threads: 1 });
  });
  afterAll(() => decoder.close());

  it.each(Object.keys(policies))(
    'of the reference with %s and decodes its tokens',
    async (name) => {
      const golden = name === 'specKv' ? goldens.specKv : goldens[name].refeed;
      const kept: number[][][] = [];
      const logits: Float32Array[] = [];
      const written = name === 'specKv' ? goldens.specKv.settings.lookaheadTokens : [];
      const { tokens } = await pipeline(decoder, { tokenizer, chunkSize: 32 })
        .use(lookAhead(written))
        .use(kvDrop({ policy: policies[name](), budget: 24 }))
        .use(recordKept(kept))
        .use(recordLogits(logits))
        .generate({ ids }, { maxNewTokens: 6 });
      expect(kept).toEqual(golden.kept);
      golden.decode.firstLogits.forEach((value, id) => {
        expect(Math.abs(logits[0][id] - value)).toBeLessThan(1e-3);
      });
      expect(tokens).toEqual(golden.decode.greedyTokens);
    },
  );

  it('that its scores and values say with expectedAttention', async () => {
    const [sinks, budget] = [4, 24];
    const sequence = await decoder.open({ needs: ['scores', 'kv.read'] });
    const request = { future: 100, reduceRows: 'mean', reduceHeads: 'mean' } as const;
    const { scores } = await sequence.forward({
      ids: Int32Array.from(ids),
      want: { scores: { a: { ...request, rows: ids.length - sinks } } },
    });
    const { kvHeads, headDim, layers } = decoder.shape;
    const expected = Array.from({ length: layers }, (_, layer) => {
      const values = sequence.cache.values(layer);
      return Array.from({ length: kvHeads }, (__, kvHead) => {
        const worth = (row: number) => {
          const at = kvHead * ids.length + row;
          const value = values.subarray(at * headDim, (at + 1) * headDim);
          return scores!.a.get(layer)![at] * Math.hypot(...value);
        };
        const rows = Array.from({ length: ids.length - 1 }, (___, row) => row);
        const best = rows.slice(sinks).sort((a, b) => worth(b) - worth(a));
        return [...rows.slice(0, sinks), ...best.slice(0, budget - sinks)].sort((a, b) => a - b);
      });
    });
    sequence.close();
    const kept: number[][][] = [];
    await pipeline(decoder, { tokenizer, chunkSize: 32 })
      .use(kvDrop({ policy: expectedAttention({ future: 100, epsilon: 0 }), budget }))
      .use(recordKept(kept))
      .generate({ ids }, { maxNewTokens: 2 });
    expect(kept).toEqual(expected);
  });
});
