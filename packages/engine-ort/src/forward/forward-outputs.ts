import type { DecoderShape, ForwardOutput, Want } from '@pliant/core';
import type { KvCache } from '../cache/kv-cache.js';
import { BatchEvidence } from '../graph/evidence/index.js';
import { LOGITS, presentKey, presentValue } from '../graph/ports/port-names.js';
import { allocateFloats } from '../memory/allocate.js';
import type { Runtime, Tensor, Tensors } from '../runtime/runtime.js';
import type { AttentionScores } from './attention-scores.js';
import type { Member } from './step-tensors.js';

/** What one run computes, over all members of its batch. */
export interface RunWants {
  readonly batch: number;
  readonly tokens: number;
  /** Last rows that get logits. */
  readonly logitRows: number;
  readonly evidence: BatchEvidence;
  /** [layers], 1 = run; absent: all run. */
  readonly gates?: Uint8Array;
}

/** @param members in the order of their slots, with equal gates */
export function runWants(shape: DecoderShape, members: readonly Member[]): RunWants {
  const { ids, gates } = members[0].checked;
  const wants = members.map(({ input }) => input.want ?? {});
  return {
    batch: members.length,
    tokens: ids.length,
    logitRows: Math.max(...wants.map((want) => rowsOfLogits(want, ids.length))),
    evidence: new BatchEvidence(shape, wants, runsBy(gates)),
    gates,
  };
}

/** The buffers that one run fills, but for a cache that is updated in place. */
export class ForwardOutputs {
  readonly tensors: Tensors;
  readonly #buffers: { readonly [output: string]: Float32Array };

  /** @throws OutOfMemoryError */
  constructor(
    private readonly runtime: Runtime,
    private readonly shape: DecoderShape,
    private readonly want: RunWants,
  ) {
    const { layers, kvHeads, headDim, vocabulary } = shape;
    const { batch, tokens, logitRows, evidence, gates } = want;
    const tensors: { [name: string]: Tensor } = {};
    const buffers: { [name: string]: Float32Array } = {};
    const add = (name: string, dims: readonly number[]) => {
      const count = dims.reduce((product, dim) => product * dim, 1);
      buffers[name] = allocateFloats(count, `Output '${name}' of a forward`);
      tensors[name] = runtime.tensor(buffers[name], dims);
    };
    if (logitRows > 0) add(LOGITS, [batch, logitRows, vocabulary]);
    for (const [name, dims] of Object.entries(evidence.buffers())) add(name, dims);
    const runs = runsBy(gates);
    if (!runtime.inPlace)
      for (let layer = 0; layer < layers; layer++)
        if (runs(layer))
          for (const name of [presentKey(layer), presentValue(layer)])
            add(name, [batch, kvHeads, tokens, headDim]);
    this.tensors = tensors;
    this.#buffers = buffers;
  }

  /** Copies new rows into a cache that the runtime cannot update in place. */
  write(cache: KvCache, slot: number): void {
    if (this.runtime.inPlace) return;
    const { tokens, gates } = this.want;
    const runs = runsBy(gates);
    const size = this.shape.kvHeads * tokens * this.shape.headDim;
    for (let layer = 0; layer < this.shape.layers; layer++) {
      if (!runs(layer)) continue;
      const [keys, values] = [presentKey(layer), presentValue(layer)];
      const held = cache.layer(layer);
      held.write(this.#buffers[keys], this.#buffers[values], slot * size, tokens);
    }
  }

  /** Returns what one member gets. Its logits are a view of the buffer. */
  async of(
    { cache, input, checked }: Member,
    slot: number,
    scores: AttentionScores,
    signal: AbortSignal | undefined,
  ): Promise<ForwardOutput> {
    const { tokens, logitRows, evidence } = this.want;
    // Of the member, not of the run that the buffers were made for: a later run may repeat it.
    const own = rowsOfLogits(input.want ?? {}, tokens) * this.shape.vocabulary;
    const end = (slot + 1) * logitRows * this.shape.vocabulary;
    const logits = this.#buffers[LOGITS]?.subarray(end - own, end) ?? new Float32Array(0);
    if (evidence.isEmpty) return { logits };
    const given = await evidence.take(this.#buffers, {
      slot,
      positions: checked.rotaryPositions,
      score: (request, captured) => scores.compute(request, captured, cache, tokens, signal),
    });
    return { logits, ...given };
  }

  release(): void {
    for (const tensor of Object.values(this.tensors)) (tensor as Tensor).release();
  }
}

/** Tells which layers run. */
export function runsBy(gates: Uint8Array | undefined): (layer: number) => boolean {
  return (layer) => gates === undefined || gates[layer] === 1;
}

function rowsOfLogits({ logits = 'last' }: Want, tokens: number): number {
  return logits === 'all' ? tokens : logits === 'last' ? 1 : 0;
}
