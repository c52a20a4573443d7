import { readFloats } from '../files/read-floats.js';
import type { ModelGraph } from '../graph/read/model-graph.js';
import { KeyRotation } from './key-rotation.js';

/**
 * [layers], how each layer rotates its keys; undefined for a layer that does not.
 * @param positions exclusive upper bound of the positions that keys are turned from and to. The
 * tables are read that far, and further when a later call asks for more
 * @throws ModelFileError
 */
export type KeyRotations = (positions: number) => readonly (KeyRotation | undefined)[];

/** @param weightsFolder of external tables */
export function keyRotations(model: ModelGraph, weightsFolder: string | undefined): KeyRotations {
  let known: { readonly rotations: ReturnType<KeyRotations>; readonly positions: number } = {
    rotations: [],
    positions: 0,
  };
  return (wanted) => {
    if (wanted > known.positions) {
      const positions = 2 ** Math.ceil(Math.log2(wanted));
      known = { rotations: readRotations(model, weightsFolder, positions), positions };
    }
    return known.rotations;
  };
}

/** Layers with equal tables share them. */
function readRotations(
  { attentions, index }: ModelGraph,
  weightsFolder: string | undefined,
  positions: number,
): ReturnType<KeyRotations> {
  const rotations = new Map<string, KeyRotation>();
  return attentions.map(({ rotary }) => {
    if (typeof rotary !== 'object') return undefined;
    const key = JSON.stringify(rotary);
    const known = rotations.get(key);
    if (known) return known;
    const { cosCache, sinCache, dimensions, interleaved } = rotary;
    const read = (name: string) =>
      readFloats(
        index.initializers.get(name)!,
        weightsFolder,
        (Math.min(positions, rotary.positions) * dimensions) / 2,
      );
    const rotation = new KeyRotation(read(cosCache), read(sinCache), dimensions, interleaved);
    rotations.set(key, rotation);
    return rotation;
  });
}
