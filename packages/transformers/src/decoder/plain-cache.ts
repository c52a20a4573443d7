import type { CacheView, Capability, DecoderShape } from '@pliant/core';
import type { OrtTensor } from './ort-session.js';

/**
 * Past keys and values by input name, as the model returned them. Never written to, so that
 * sequences may share them.
 */
export type Past = Readonly<Record<string, OrtTensor>>;

const elementBytes: Readonly<Record<string, number>> = { float32: 4, float16: 2 };

/** The cache of a sequence: contiguous rows, the same in every layer, not to be read. */
export class PlainCache implements CacheView {
  readonly layers: number;
  readonly kvHeads: number;
  past: Past;
  nextPosition = 0;
  readonly #refuse: (capability: Capability) => never;

  constructor(shape: DecoderShape, past: Past, refuse: (capability: Capability) => never) {
    this.layers = shape.layers;
    this.kvHeads = shape.kvHeads;
    this.past = past;
    this.#refuse = refuse;
  }

  get nextRotaryPosition(): number {
    return this.nextPosition;
  }

  rows(_layer: number): number {
    return this.nextPosition;
  }

  positions(_layer: number, _kvHead: number): Int32Array {
    return Int32Array.from({ length: this.nextPosition }, (_, row) => row);
  }

  keys(_layer: number): Float32Array {
    return this.#refuse('kv.read');
  }

  values(_layer: number): Float32Array {
    return this.#refuse('kv.read');
  }

  get bytes(): number {
    return Object.values(this.past).reduce(
      (sum, { type, dims }) => sum + dims.reduce((a, b) => a * b, elementBytes[type] ?? 4),
      0,
    );
  }
}
