import { type Decoder, encodePrompt, type Tokenizer } from '@pliant/core';
import type { PromptEvidence } from '@pliant/layer-skip';
import { mean } from '@pliant/shared/statistics';
import { type CorpusPrompt, promptKey } from '../prompts/corpus.js';
import { divergence } from './divergence.js';
import type { Journal } from './journal.js';
import { type OpenSample, openSample, readContinuation, rowsOf } from './open-sample.js';

/** Effect of skipping a set of layers on one prompt's continuation. */
export interface Effect {
  /** Mean over its tokens of KL(full || skipped), in nats. */
  readonly kl: number;
  /** The same of the first half of the tokens and of the rest. */
  readonly halves: readonly [number, number];
  /** Share of tokens at which both models put the same token first. */
  readonly agreement: number;
}

interface SampleRecord {
  readonly promptTokens: number;
  readonly continuation: readonly number[];
  /** Base64 of float32, [layers x hidden]. */
  readonly hiddenMeans: string;
  readonly influences: readonly number[];
  readonly normRatios: readonly number[];
}

/** A continuation shorter than this says little about a prompt. */
const fewestTokens = 8;

/**
 * Measures prompts and sets of skipped layers, each once: what the journal knows is not run again.
 */
export class Measurements {
  /** By prompt, the one used last at the end. */
  readonly #open = new Map<number, OpenSample>();
  readonly #keys: readonly string[];

  constructor(
    private readonly decoder: Decoder,
    private readonly tokenizer: Tokenizer,
    private readonly prompts: readonly CorpusPrompt[],
    private readonly options: {
      readonly journal: Journal;
      /** Longest continuation, in tokens. */
      readonly tokens: number;
      /** Prompts whose caches are held at a time. */
      readonly held: number;
      /** Called after each measurement that was run. */
      readonly measured?: () => void;
    },
  ) {
    this.#keys = prompts.map(promptKey);
  }

  /** Undefined where the model's answer is too short to measure anything on. */
  async evidence(prompt: number): Promise<PromptEvidence | undefined> {
    const { promptTokens, continuation, hiddenMeans, influences, normRatios } =
      await this.#record(prompt);
    if (continuation.length < fewestTokens) return undefined;
    const bytes = new Uint8Array(Buffer.from(hiddenMeans, 'base64'));
    return {
      promptTokens,
      hiddenMeans: new Float32Array(bytes.buffer),
      blockInfluences: {
        influences: Float32Array.from(influences),
        normRatios: Float32Array.from(normRatios),
      },
    };
  }

  /**
   * Effects of the sets, in their order; the order of the layers within a set does not matter.
   * @param scaled skipped layers scale the hidden state by the prompt's length ratios
   */
  async effects(
    prompt: number,
    sets: readonly (readonly number[])[],
    scaled = false,
  ): Promise<Effect[]> {
    const effects: Effect[] = [];
    for (const set of sets) {
      const layers = [...set].sort((a, b) => a - b).join(',');
      const key = `${this.#keys[prompt]} -${layers}${scaled ? ' scaled' : ''}`;
      let effect = this.options.journal.get(key) as Effect | undefined;
      if (!effect) {
        effect = await this.#measure(prompt, set, scaled);
        this.options.journal.put(key, effect);
        this.options.measured?.();
      }
      effects.push(effect);
    }
    return effects;
  }

  close(): void {
    for (const { sequence } of this.#open.values()) sequence.close();
    this.#open.clear();
  }

  async #measure(prompt: number, set: readonly number[], scaled: boolean): Promise<Effect> {
    const { sequence, continuation, references } = await this.#sample(prompt);
    const { normRatios } = await this.#record(prompt);
    const layers = new Uint8Array(this.decoder.shape.layers).fill(1);
    for (const layer of set) layers[layer] = 0;
    const logits = await readContinuation(sequence, continuation, {
      layers,
      ...(scaled && { layerScales: Float32Array.from(normRatios) }),
    });
    const rows = rowsOf(logits, continuation.length).map((row, at) =>
      divergence(references[at], row),
    );
    const kls = rows.map(({ kl }) => kl);
    const half = kls.length >> 1;
    return {
      kl: round(mean(kls)),
      halves: [round(mean(kls.slice(0, half))), round(mean(kls.slice(half)))],
      agreement: round(mean(rows.map(({ sameTop }) => Number(sameTop)))),
    };
  }

  async #record(prompt: number): Promise<SampleRecord> {
    const known = this.options.journal.get(this.#keys[prompt]) as SampleRecord | undefined;
    if (known) return known;
    const { continuation, prefill, sequence } = await this.#sample(prompt);
    const { influences, normRatios } = prefill.blockInfluences!;
    const means = prefill.hiddenMeans!;
    const record: SampleRecord = {
      promptTokens: sequence.cache.nextPosition,
      continuation: [...continuation],
      hiddenMeans: Buffer.from(means.buffer, means.byteOffset, means.byteLength).toString('base64'),
      influences: Array.from(influences, round),
      normRatios: Array.from(normRatios, round),
    };
    this.options.journal.put(this.#keys[prompt], record);
    this.options.measured?.();
    return record;
  }

  async #sample(prompt: number): Promise<OpenSample> {
    const found = this.#open.get(prompt);
    if (found) {
      this.#open.delete(prompt);
      this.#open.set(prompt, found);
      return found;
    }
    if (this.#open.size >= this.options.held) {
      const [oldest, { sequence }] = this.#open.entries().next().value!;
      this.#open.delete(oldest);
      sequence.close();
    }
    const known = this.options.journal.get(this.#keys[prompt]) as SampleRecord | undefined;
    const { ids } = encodePrompt(this.prompts[prompt].prompt, this.tokenizer);
    const sample = await openSample(this.decoder, ids, {
      tokens: this.options.tokens,
      endOfText: this.tokenizer.endOfText,
      ...(known && { continuation: Int32Array.from(known.continuation) }),
    });
    this.#open.set(prompt, sample);
    return sample;
  }
}

/** To six digits: what the journal keeps. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}
