import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSkipped } from '../selection/choose-skipped.js';
import type { LayerSelector, PromptEvidence } from '../selection/selector.js';
import { stubDecoder } from '../stub-decoder.test.support.js';
import { givenLayers } from './given-layers.js';
import { promptInfluence } from './prompt-influence.js';
import { shortGPT } from './short-gpt.js';
import { unifiedSkipping } from './unified-skipping.js';

const nothing: PromptEvidence = { promptTokens: 1 };
function skippedBy(selector: LayerSelector<never>, layers: number, skip: number): number[] {
  const costs = selector.costs(stubDecoder(layers), nothing, skip);
  return chooseSkipped(costs, [], { skip }).sort((a, b) => a - b);
}

describe('unified', () => {
  it("runs the layers of the paper's example: 30 layers, twice as fast", () => {
    const skipped = skippedBy(unifiedSkipping(), 30, 15);
    const running = Array.from({ length: 30 }, (_, layer) => layer).filter(
      (layer) => !skipped.includes(layer),
    );
    expect(running).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 29]);
  });

  it('skips the layers before the last where few are skipped', () => {
    expect(skippedBy(unifiedSkipping(), 30, 4)).toEqual([25, 26, 27, 28]);
  });

  it('skips exactly as many as asked for, never the first or the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 64 }), fc.nat(), (layers, seed) => {
        const skip = seed % (layers - 1);
        const skipped = skippedBy(unifiedSkipping(), layers, skip);
        expect(skipped.length).toBe(skip);
        expect(skipped).not.toContain(0);
        expect(skipped).not.toContain(layers - 1);
      }),
    );
  });
});

describe('givenLayers', () => {
  it('skips exactly the list', () => {
    expect(skippedBy(givenLayers([7, 3]), 10, 2)).toEqual([3, 7]);
  });
});

describe('block influence', () => {
  const influences = [0.9, 0.1, 0.05, 0.3, 0.2, 0.4, 0.25, 0.01];
  it('of calibration prompts orders the layers of shortGPT', () => {
    const decoder = stubDecoder(8, { order: [], influences });
    const selector = shortGPT();
    const costs = selector.costs(decoder, nothing, 2);
    const protectedLayers = selector.protects!(8);
    expect(chooseSkipped(costs, protectedLayers, { skip: 3 })).toEqual([4, 6, 3]);
    expect(() => selector.check!(stubDecoder(8), 3)).toThrow('calibrate it');
  });

  it('of the prompt orders those of promptInfluence', () => {
    const evidence = {
      promptTokens: 9,
      blockInfluences: {
        influences: Float32Array.from(influences),
        normRatios: new Float32Array(8).fill(1),
      },
    };
    const costs = promptInfluence().costs(stubDecoder(8), evidence, 2);
    expect(chooseSkipped(costs, [], { skip: 3 })).toEqual([7, 2, 1]);
  });
});
