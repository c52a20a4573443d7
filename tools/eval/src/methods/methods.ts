import type { Capability } from '@pliant/core';
import {
  h2o,
  keyDiff,
  knorm,
  lagKV,
  observedAttention,
  type Policy,
  pyramidKV,
  randomRows,
  snapKV,
  specKV,
  streamingLLM,
  tova,
} from '@pliant/kv-drop';

/** Every method but `full`, in the order of the tables; a line each. */
export const methods: { readonly [name: string]: () => Policy<Capability> } = {
  specKV: () => specKV({ lookahead: 16 }),
  snapKV: () => snapKV(),
  pyramidKV: () => pyramidKV(),
  tova: () => tova(),
  h2o: () => h2o(),
  observedAttention: () => observedAttention(),
  knorm: () => knorm(),
  keyDiff: () => keyDiff(),
  lagKV: () => lagKV(),
  streamingLLM: () => streamingLLM(),
  random: () => randomRows(),
};
