import { readFile } from 'node:fs/promises';
import {
  checkSkippedLayers,
  type Decoder,
  InvalidOptionsError,
  parseArguments,
  parseOptions,
  pathSchema,
  StackError,
} from '@pliant/core';
import { z } from 'zod/v4';

const pathArguments = z.strictObject({ path: pathSchema });
const count = z.int().min(0);
const numbers = z.array(z.number());

/**
 * A linear map of the features of a prompt (see `promptFeatures`): row k gives bias[k] + weights[k]
 * . features. D features.
 */
const linearMap = z.strictObject({
  /** Layers whose mean normalised input is among the features. */
  meanLayers: z.array(count),
  /** [K] */
  bias: numbers,
  /** [K][D] */
  weights: z.array(numbers),
});

export const calibrationSchema = z.strictObject({
  format: z.literal('pliant-layer-skip'),
  version: z.literal(1),
  model: z.strictObject({
    id: z.string(),
    /** `Decoder.fingerprint()`. */
    fingerprint: z.string(),
    layers: z.int().min(1),
    hidden: z.int().min(1),
  }),
  /** The first k are the static set of k layers with the lowest mean KL, found greedily. */
  order: z.array(count),
  /** [layers], mean block influence of prompts. */
  influences: numbers,
  /** [layers], mean KL of skipping each layer alone; of layer 0, which always runs, 0. */
  leaveOneOut: numbers,
  routers: z.strictObject({
    /** [layers] rows: logarithms of what skipping each layer costs. */
    ridge: linearMap.optional(),
    /** [layers] rows: log-odds that a layer is not among the cheapest. */
    logistic: linearMap.optional(),
    /** For each number of skipped layers: the sets, a row for each with the logarithm of its KL. */
    sets: z
      .array(z.strictObject({ skip: count, sets: z.array(z.array(count)).min(1), map: linearMap }))
      .min(1)
      .optional(),
  }),
  /** The selector that the calibration's statistics recommend. */
  ships: z.enum(['staticGreedy', 'ridgeRouter', 'logisticRouter', 'setRouter']),
});

/** Results of `tools/calibrate` for a model. */
export type Calibration = z.output<typeof calibrationSchema>;
export type LinearMap = z.output<typeof linearMap>;

/** The options of a selector that needs a calibration. */
export const needsCalibration = z.strictObject({ calibration: calibrationSchema });
/** The options of a selector that may have one. */
export const mayHaveCalibration = z.strictObject({ calibration: calibrationSchema.optional() });

/**
 * Reads a calibration.
 * @throws InvalidArgumentError; InvalidOptionsError for a file of another format or version, or
 * that cannot be read
 */
export async function readCalibration(path: string): Promise<Calibration> {
  parseArguments('readCalibration', pathArguments, { path });
  const refuse = (message: string) => new InvalidOptionsError(path, [{ path: '', message }]);
  const text = await readFile(path, 'utf8').catch((error) => {
    throw refuse(`cannot be read: ${error.message}`);
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw refuse('is not JSON');
  }
  return parseOptions(path, calibrationSchema, content);
}

/**
 * @throws InvalidOptionsError for a calibration of a model of another size, or that contradicts
 * itself
 */
export function checkCalibration(
  { model, order, influences, leaveOneOut }: Calibration,
  { id, shape }: Decoder,
): void {
  const where = `the calibration of '${model.id}'`;
  const refuse = (path: string, message: string) =>
    new InvalidOptionsError(where, [{ path, message }]);
  if (model.layers !== shape.layers || model.hidden !== shape.hidden)
    throw refuse(
      'model',
      `has ${model.layers} layers of ${model.hidden}, decoder '${id}' ${shape.layers} of ${shape.hidden}`,
    );
  checkSkippedLayers('order', order, shape.layers, where);
  for (const [path, values] of [
    ['influences', influences],
    ['leaveOneOut', leaveOneOut],
  ] as const)
    if (values.length !== shape.layers)
      throw refuse(path, `${values.length} values for ${shape.layers} layers`);
}

/** @throws StackError for a decoder with other weights than those that were calibrated */
export async function verifyCalibration({ model }: Calibration, decoder: Decoder): Promise<void> {
  const fingerprint = await decoder.fingerprint?.();
  if (fingerprint !== model.fingerprint)
    throw new StackError(
      'layer-skip',
      fingerprint === undefined
        ? `decoder '${decoder.id}' has no fingerprint to compare with that of the calibration of '${model.id}'`
        : `the calibration is of '${model.id}' and decoder '${decoder.id}' has other weights; calibrate it`,
    );
}
