import {
  functionSchema,
  InvalidOptionsError,
  parseArguments,
  parseOptions,
  readTensorFile,
  TensorFileError,
} from '@pliant/core';
import { z } from 'zod/v4';
import { evidenceOf } from '../selection/evidence-of.js';
import { type LayerSelector, outerLayers } from '../selection/selector.js';

/** Routers of all layers. L layers, H hidden size. */
export interface FirstRouterWeights {
  /** [L][H] */
  readonly weights: readonly Float32Array[];
  /** [L] */
  readonly biases: readonly number[];
}

const floats: z.ZodType<Float32Array, Float32Array> = z.instanceof(Float32Array);
export const firstRouterWeights = z.strictObject({
  weights: z.array(floats).readonly(),
  // Infinite values are refused below, by layer.
  biases: z
    .array(z.custom<number>((bias) => typeof bias === 'number', 'must be a number'))
    .readonly(),
});

/**
 * A router before each layer (FiRST, Jain et al. 2024, arXiv:2410.12513): rho = sigmoid(w . mean of
 * the layer's normalised input over the prompt + b) is how much the layer is to run, 0 to 1, and
 * its cost here. Without `skip` or `threshold` the layers with rho below 0.5 are skipped.
 *
 * The paper leaves the pooling and the threshold open; the mean and 0.5 are those of Router-Tuning
 * (He et al. 2024, arXiv:2410.13184). Weights trained elsewhere are read by `loadFirstRouter`.
 */
export function firstRouter(router: FirstRouterWeights): LayerSelector<'hidden.means'> {
  const { weights, biases } = parseOptions('layer-skip, firstRouter', firstRouterWeights, router);
  const refuse = (path: string, message: string) =>
    new InvalidOptionsError('layer-skip, firstRouter', [{ path, message }]);
  if (weights.length !== biases.length)
    throw refuse('biases', `${biases.length} for ${weights.length} layers`);
  const broken = weights.findIndex(
    (own, layer) => !own.every(Number.isFinite) || !Number.isFinite(biases[layer]),
  );
  if (broken >= 0) throw refuse(`weights.${broken}`, 'are not all finite, or their bias is not');
  return {
    name: 'firstRouter',
    requires: ['hidden.means'],
    threshold: 0.5,
    protects: outerLayers,
    check: ({ id, shape }) => {
      if (weights.length !== shape.layers)
        throw refuse('weights', `of ${weights.length} layers; decoder '${id}' has ${shape.layers}`);
      const wrong = weights.findIndex(({ length }) => length !== shape.hidden);
      if (wrong >= 0)
        throw refuse(
          `weights.${wrong}`,
          `${weights[wrong].length} of them; the hidden size of decoder '${id}' is ${shape.hidden}`,
        );
    },
    costs: (_, evidence) => {
      const hiddenMeans = evidenceOf('firstRouter', evidence, 'hiddenMeans');
      return weights.map((own, layer) => {
        let sum = biases[layer];
        for (let i = 0; i < own.length; i++) sum += own[i] * hiddenMeans[layer * own.length + i];
        return 1 / (1 + Math.exp(-sum));
      });
    },
  };
}

/** Names of the tensors of a layer. */
export interface FirstRouterNames {
  /** [H] or [1, H], F32. */
  readonly weight: (layer: number) => string;
  /** [1], F32. A layer without one gets 0. null: no layer has one. */
  readonly bias: ((layer: number) => string) | null;
}

const namesArguments = z.strictObject({
  names: z.strictObject({
    weight: functionSchema('must be a function of the layer'),
    bias: functionSchema('must be a function of the layer, or null').nullable(),
  }),
});

const usualNames: FirstRouterNames = {
  weight: (layer) => `layers.${layer}.router.weight`,
  bias: (layer) => `layers.${layer}.router.bias`,
};

/**
 * Reads the routers' weights from a safetensors file, which may hold other tensors too: layers from
 * 0 on until one has no weight.
 * @param names default `layers.{layer}.router.weight` and `.bias`
 * @throws TensorFileError for a file that is damaged, or whose tensors have other types or shapes;
 * the file system's errors
 */
export async function loadFirstRouter(
  path: string,
  names: FirstRouterNames = usualNames,
): Promise<FirstRouterWeights> {
  parseArguments('loadFirstRouter', namesArguments, { names });
  const nameOf = (part: keyof FirstRouterNames, layer: number) =>
    parseOptions(`what names.${part} returned`, z.string(), names[part]!(layer));
  const { tensors } = await readTensorFile(path);
  const floats = (name: string, isShape: (shape: readonly number[]) => boolean) => {
    const tensor = tensors.get(name);
    if (!tensor) return undefined;
    const { data, shape } = tensor;
    if (!(data instanceof Float32Array) || !isShape(shape))
      throw new TensorFileError(path, `'${name}' is no F32 tensor of a router: [${shape}]`);
    // Not a view: the file may be a whole checkpoint.
    return data.slice();
  };
  const isRow = (shape: readonly number[]) =>
    shape.length === 1 || (shape.length === 2 && shape[0] === 1);
  const weights: Float32Array[] = [];
  const biases: number[] = [];
  for (let layer = 0; ; layer++) {
    const row = floats(nameOf('weight', layer), isRow);
    if (!row) break;
    weights.push(row);
    const own = names.bias && floats(nameOf('bias', layer), (shape) => shape.join() === '1');
    biases.push(own?.[0] ?? 0);
  }
  if (weights.length === 0)
    throw new TensorFileError(path, `has no F32 tensor '${nameOf('weight', 0)}'`);
  return { weights, biases };
}
