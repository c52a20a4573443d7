import { fixturePath, readJson } from '@pliant/fixtures';
import { afterAll, afterEach } from 'vitest';
import type { OrtDecoder } from './decoder.js';
import { type OpenDecoderOptions, openDecoder } from './open-decoder.js';

export const runtimes = ['native', 'binding'] as const;

export const tinyModels = [
  'tiny-llama',
  'tiny-qwen2',
  'tiny-qwen3',
  'tiny-phi3',
  'tiny-mistral',
  'tiny-gemma3',
  'tiny-smollm3',
  'tiny-granite',
] as const;
export type TinyModel = (typeof tinyModels)[number];

/** What the torch reference gave; see the goldens' own README for the meaning of each. */
export interface Golden {
  readonly prompts: {
    readonly short: GoldenPrompt;
    readonly long?: GoldenPrompt & {
      readonly internals: {
        readonly keyCachePostRope: { positions: number[]; values: number[][][][] };
        readonly attentionPostSoftmax: { layers: number[]; rows: number[]; values: number[][][][] };
        readonly normalisedInputMean: { values: number[][] };
      };
      readonly layerSkip: Decoded & { skippedLayers: number[]; fedToken: number };
      readonly policies: {
        readonly specKv: { kept: number[][][]; decode: PolicyDecode };
      } & {
        readonly [policy in 'snapKv' | 'streamingLlm' | 'tova']: {
          refeed: { kept: number[][][]; decode: PolicyDecode };
        };
      };
    };
  };
}

interface GoldenPrompt {
  readonly ids: number[];
  readonly prefillLastLogits: number[];
  readonly argmaxAllRows: number[];
  readonly top2MarginAllRows: number[];
  readonly greedyTokens: number[];
  readonly firstDecodeLogits: number[];
}

interface Decoded {
  readonly greedyTokens: number[];
  readonly firstDecodeLogits: number[];
}

interface PolicyDecode {
  readonly greedyTokens: number[];
  readonly firstLogits: number[];
}

export function readGolden(model: TinyModel): Golden {
  return readJson<Golden>(`models/${model}/golden.json`);
}

const opened: OrtDecoder[] = [];
afterEach(async () => {
  for (const decoder of opened.splice(0)) await decoder.close();
});

/** Closed after the test. */
export async function openTiny(
  model: TinyModel,
  options: OpenDecoderOptions = {},
): Promise<OrtDecoder> {
  const decoder = await openDecoder(fixturePath(`models/${model}`), { threads: 1, ...options });
  opened.push(decoder);
  return decoder;
}

const shared = new Map<string, Promise<OrtDecoder>>();
afterAll(async () => {
  for (const decoder of shared.values()) await (await decoder).close();
});

/** One for all tests of a file that ask for the same, which leave it open. */
export function sharedTiny(
  model: TinyModel,
  options: OpenDecoderOptions = {},
): Promise<OrtDecoder> {
  const key = JSON.stringify([model, options]);
  const decoder =
    shared.get(key) ?? openDecoder(fixturePath(`models/${model}`), { threads: 1, ...options });
  shared.set(key, decoder);
  return decoder;
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
