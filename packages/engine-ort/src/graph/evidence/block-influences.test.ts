import { describe, expect, test } from 'vitest';
import {
  distance,
  GraphRunner,
  TINY_MODELS,
  type TinyModel,
  tinyModel,
} from '../graph-runner.test.support.js';
import { SAMPLED_TOKENS } from './block-influences.js';

/** Influences of the states themselves, over tokens `stride` apart. */
async function reference({ model }: TinyModel, ids: readonly number[], stride: number) {
  const { layers, hidden } = model.shape;
  const names = model.boundaries.map((boundary) => boundary!.state);
  const runner = await GraphRunner.open(model, {}, undefined, names.flat());
  const { extra } = await runner.forward(ids, 0);
  const states = names.map((parts) =>
    parts.map(() => extra.shift()!).reduce((sum, part) => sum.map((value, i) => value + part[i])),
  );
  const tokens = [...ids.keys()].filter((token) => token % stride === 0);
  const at = (layer: number, token: number) =>
    states[layer].subarray(token * hidden, (token + 1) * hidden);
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const norm = (a: Float32Array) => Math.sqrt(dot(a, a));
  const mean = (of: (before: Float32Array, after: Float32Array) => number) =>
    Array.from(
      { length: layers },
      (_, layer) =>
        tokens.reduce((sum, token) => sum + of(at(layer, token), at(layer + 1, token)), 0) /
        tokens.length,
    );
  return {
    cosines: mean((before, after) => dot(before, after) / norm(before) / norm(after)),
    logNormRatios: mean((before, after) => Math.log(norm(after) / norm(before))),
  };
}

describe.each(TINY_MODELS)('tiny-%s', (name) => {
  const tiny = tinyModel(name);
  const prompt = tiny.golden.prompts.short.ids;

  test.each([
    ['every token', 1, prompt],
    ['every second token of a long prompt', 2, Array(9).fill(prompt).flat().slice(0, 100)],
  ])('block influences over %s', async (_, stride, ids) => {
    expect(Math.ceil(ids.length / SAMPLED_TOKENS)).toBe(stride);
    const runner = await GraphRunner.open(tiny.model, { evidence: ['blockInfluences'] });
    const { influences } = await runner.forward(ids, 0);
    const expected = await reference(tiny, ids, stride);
    expect(distance(influences!.cosines, expected.cosines)).toBeLessThan(1e-4);
    expect(distance(influences!.logNormRatios, expected.logNormRatios)).toBeLessThan(1e-4);
  });

  test('a skipped layer changes nothing', async () => {
    const runner = await GraphRunner.open(tiny.model, {
      evidence: ['blockInfluences'],
      gates: true,
    });
    const { layers } = tiny.model.shape;
    const gates = Array.from({ length: layers }, (__, layer) => layer !== 1);
    const { influences } = await runner.forward(prompt, 0, { gates });
    expect(influences!.cosines[1]).toBeCloseTo(1, 5);
    expect(influences!.logNormRatios[1]).toBeCloseTo(0, 5);
    expect(influences!.cosines[0]).toBeLessThan(1);
  });
});
