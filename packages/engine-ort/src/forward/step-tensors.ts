import type { ForwardInput } from '@pliant/core';
import { type CheckedForward, evidenceNames } from '@pliant/core/engine';
import type { KvCache } from '../cache/kv-cache.js';
import { evidenceInputs } from '../graph/evidence/index.js';
import {
  INPUT_IDS,
  LAYER_GATES,
  LAYER_SCALES,
  LOGIT_ROWS,
  POSITION_IDS,
  SEQLENS_K,
  TOTAL_SEQUENCE_LENGTH,
} from '../graph/ports/port-names.js';
import type { Runtime, Tensor, Tensors } from '../runtime/runtime.js';

export interface StepMember {
  readonly cache: KvCache;
  readonly checked: CheckedForward;
}

export interface Member extends StepMember {
  readonly input: ForwardInput;
}

/**
 * The small inputs of a forward of B sequences with S tokens each. Their arrays are filled for
 * every forward.
 */
export class StepTensors {
  readonly tensors: Tensors;
  readonly #ids: BigInt64Array;
  readonly #positions: BigInt64Array;
  readonly #lastRows: Int32Array;
  readonly #totalRows: Int32Array;
  readonly #gates: Uint8Array;
  readonly #scales: Float32Array;
  readonly #logitRows = new BigInt64Array(1);
  /** By input. */
  readonly #evidence: ReadonlyMap<string, BigInt64Array>;

  constructor(
    runtime: Runtime,
    private readonly layers: number,
    private readonly batch: number,
    private readonly tokens: number,
  ) {
    this.#ids = new BigInt64Array(batch * tokens);
    this.#positions = new BigInt64Array(batch * tokens);
    this.#lastRows = new Int32Array(layers * batch);
    this.#totalRows = new Int32Array(layers);
    this.#gates = new Uint8Array(layers);
    this.#scales = new Float32Array(layers);
    const sizes = Object.entries(evidenceInputs(evidenceNames, layers));
    this.#evidence = new Map(sizes.map(([name, size]) => [name, new BigInt64Array(size)]));
    this.tensors = {
      [INPUT_IDS]: runtime.tensor(this.#ids, [batch, tokens]),
      [POSITION_IDS]: runtime.tensor(this.#positions, [batch, tokens]),
      [SEQLENS_K]: runtime.tensor(this.#lastRows, [layers, batch]),
      [TOTAL_SEQUENCE_LENGTH]: runtime.tensor(this.#totalRows, [layers]),
      [LAYER_GATES]: runtime.tensor(this.#gates, [layers]),
      [LAYER_SCALES]: runtime.tensor(this.#scales, [layers]),
      [LOGIT_ROWS]: runtime.tensor(this.#logitRows, [1]),
      ...Object.fromEntries(
        [...this.#evidence].map(([name, values]) => [
          name,
          runtime.tensor(values, [values.length]),
        ]),
      ),
    };
  }

  /**
   * @param members the B sequences, in the order of the batch; equal gates and scales
   * @param evidence values of the inputs that only evidence has, by input. Default of each: zeros
   */
  fill(
    members: readonly StepMember[],
    logitRows: number,
    evidence: { readonly [input: string]: ArrayLike<number> } = {},
  ): void {
    const { batch, tokens } = this;
    members.forEach(({ cache, checked }, member) => {
      for (let i = 0; i < tokens; i++) {
        this.#ids[member * tokens + i] = BigInt(checked.ids[i]);
        this.#positions[member * tokens + i] = BigInt(checked.rotaryPositions[i]);
      }
      for (let layer = 0; layer < this.layers; layer++)
        this.#lastRows[layer * batch + member] = cache.rows(layer) + tokens - 1;
    });
    for (let layer = 0; layer < this.layers; layer++) {
      let longest = 0;
      for (const { cache } of members) longest = Math.max(longest, cache.rows(layer));
      this.#totalRows[layer] = longest + tokens;
    }
    const { gates, scales } = members[0].checked;
    if (gates) this.#gates.set(gates);
    else this.#gates.fill(1);
    if (scales) this.#scales.set(scales);
    else this.#scales.fill(1);
    this.#logitRows[0] = BigInt(logitRows);
    for (const [name, values] of this.#evidence)
      if (evidence[name]) values.set(Array.from(evidence[name], BigInt));
      else values.fill(0n);
  }

  release(): void {
    for (const tensor of Object.values(this.tensors)) (tensor as Tensor).release();
  }
}
