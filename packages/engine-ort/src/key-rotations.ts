import type { Rotary } from './graph/attention.js';
import type { ModelGraph } from './graph/model-graph.js';
import { KeyRotation } from './key-rotation.js';
import { readFloats } from './read-floats.js';

/** [layers], how each layer rotates its keys; undefined where it does not. Reads the tables at the first call. @throws ModelFileError */
export type KeyRotations = () => readonly (KeyRotation | undefined)[];

/** @param weightsFolder of external tables */
export function keyRotations(
  { attentions, index }: ModelGraph,
  weightsFolder: string | undefined,
): KeyRotations {
  let read: readonly (KeyRotation | undefined)[] | undefined;
  return () => {
    if (read) return read;
    const tables = new Map<string, Float32Array>();
    const table = (name: string): Float32Array => {
      const floats = tables.get(name) ?? readFloats(index.initializers.get(name)!, weightsFolder);
      tables.set(name, floats);
      return floats;
    };
    const rotations = new Map<string, KeyRotation>();
    const rotation = (rotary: Rotary): KeyRotation => {
      const { cosCache, sinCache, dimensions, interleaved } = rotary;
      const key = JSON.stringify(rotary);
      const known =
        rotations.get(key) ??
        new KeyRotation(table(cosCache), table(sinCache), dimensions, interleaved);
      rotations.set(key, known);
      return known;
    };
    read = attentions.map(({ rotary }) =>
      typeof rotary === 'object' ? rotation(rotary) : undefined,
    );
    return read;
  };
}
