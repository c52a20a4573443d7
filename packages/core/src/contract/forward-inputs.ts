import { z } from 'zod/v4';
import type { Capability } from './capability.js';

/** The optional inputs of a forward of S new tokens, by name. */
export interface ForwardInputs {
  /**
   * [S], ascending; default contiguous from `cache.nextPosition`, which becomes the last one + 1.
   * Needs `positions.explicit`.
   */
  positions: Int32Array;
  /**
   * [layers], 1 = run, 0 = skip; layer 0 always runs. A skipped layer writes no rows. Needs
   * `layers.skip`.
   */
  layers: Uint8Array;
  /**
   * [layers], factor for the hidden state at a skipped layer. Must be above 0. Values for layers
   * that run are ignored. Default 1. Only together with `layers`.
   */
  layerScales: Float32Array;
}
export type ForwardInputName = keyof ForwardInputs;
export type OptionalInputs = { readonly [I in keyof ForwardInputs]?: ForwardInputs[I] };

/** Tells the pipeline how to handle one input. */
export interface ForwardInputRow<Value> {
  readonly capability: Capability;
  readonly schema: z.ZodType<Value>;
  /** The part for the tokens `from` to `to` of a prefill. */
  ofChunk(value: Value, from: number, to: number): Value;
  /** Forwards with equal keys may share a batch. Absent: a forward with this input runs alone. */
  batchKey?(value: Value): string;
}

/** Every input: one without a row does not compile. */
export const forwardInputs: {
  readonly [I in ForwardInputName]: ForwardInputRow<ForwardInputs[I]>;
} = {
  positions: {
    capability: 'positions.explicit',
    schema: z.instanceof(Int32Array),
    ofChunk: (positions, from, to) => positions.subarray(from, to),
  },
  layers: {
    capability: 'layers.skip',
    schema: z.instanceof(Uint8Array),
    ofChunk: (layers) => layers,
    batchKey: (layers) => layers.join(''),
  },
  layerScales: {
    capability: 'layers.skip',
    schema: z.instanceof(Float32Array),
    ofChunk: (scales) => scales,
  },
};

export const forwardInputNames = Object.keys(forwardInputs) as readonly ForwardInputName[];

/** The inputs that a forward has. */
export function inputsGiven(input: OptionalInputs): ForwardInputName[] {
  return forwardInputNames.filter((name) => input[name] !== undefined);
}

/** The inputs for the tokens `from` to `to` of a prefill. */
export function inputsOfChunk(input: OptionalInputs, from: number, to: number): OptionalInputs {
  return Object.fromEntries(
    inputsGiven(input).map((name) => [
      name,
      forwardInputs[name].ofChunk(input[name] as never, from, to),
    ]),
  );
}

/** Equal for inputs that may share a batch; undefined for one that must run alone. */
export function inputsBatchKey(input: OptionalInputs): string | undefined {
  const given = inputsGiven(input);
  if (given.some((name) => !forwardInputs[name].batchKey)) return undefined;
  return given
    .map((name) => `${name} ${forwardInputs[name].batchKey?.(input[name] as never)}`)
    .join();
}
