import { type Decoder, InvalidOptionsError } from '@pliant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLayerSkipOptions, planFor } from './options.js';
import { chooseSkipped } from './selection/choose-skipped.js';
import { promptInfluence } from './selectors/prompt-influence.js';
import { staticGreedy } from './selectors/static-greedy.js';
import { unifiedSkipping } from './selectors/unified-skipping.js';
import { stubDecoder as decoder } from './stub-decoder.test.support.js';

function choose(options: object, model: Decoder) {
  const { selector, rule, protectedLayers, measured } = planFor(
    parseLayerSkipOptions(options),
    model,
  );
  const skip = 'skip' in rule ? rule.skip : undefined;
  const costs = selector.costs(model, { promptTokens: 1 }, skip);
  return { skipped: chooseSkipped(costs, protectedLayers, rule), measured };
}

describe('the plan of a static choice', () => {
  it('takes the given layers', () => {
    expect(choose({ layers: [12, 11] }, decoder(30))).toEqual({
      skipped: [12, 11],
      measured: true,
    });
    expect(choose({ layers: [] }, decoder(30)).skipped).toEqual([]);
  });

  it('takes the first of the measured order', () => {
    const model = decoder(30, { order: [12, 11, 14, 4] });
    expect(choose({ skip: 2 }, model)).toEqual({ skipped: [12, 11], measured: true });
    expect(choose({ skip: 0 }, model).skipped).toEqual([]);
    expect(choose({ selector: staticGreedy(), skip: 2, protect: [11] }, model).skipped).toEqual([
      12, 14,
    ]);
  });

  it('spreads layers between the protected ones where no order was measured', () => {
    expect(choose({ skip: 2 }, decoder(30))).toEqual({ skipped: [9, 22], measured: false });
    expect(choose({ skip: 1 }, decoder(5))).toEqual({ skipped: [3], measured: false });
    expect(choose({ skip: 0 }, decoder(30))).toEqual({ skipped: [], measured: true });
  });

  it('skips distinct layers and never the first three or the last, for every count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 80 }), fc.nat(), (layers, seed) => {
        const skip = seed % (layers - 3);
        const { skipped } = choose({ skip }, decoder(layers));
        expect(new Set(skipped).size).toBe(skip);
        for (const layer of skipped) {
          expect(layer).toBeGreaterThanOrEqual(3);
          expect(layer).toBeLessThan(layers - 1);
        }
      }),
    );
  });

  it.each([
    [{ layers: [3, 0] }, "layer-skip: option 'layers.1': layer 0 always runs"],
    [{ layers: [30] }, "layer-skip: option 'layers.0': is 30, but the layers are 0 to 29"],
    [{ layers: [-1] }, 'is -1'],
    [{ layers: [4, 4] }, "layer-skip: option 'layers.1': layer 4 is listed twice"],
    [{ skip: 27 }, "option 'skip': is 27, but evenlySpread can skip 26 layers of decoder 'test'"],
    [{ selector: unifiedSkipping(), skip: 29 }, "'skip': is 29, but unified can skip 0 layers"],
    [{ selector: promptInfluence(), skip: 27 }, "'skip': is 27, but promptInfluence can skip 26"],
    [{ selector: promptInfluence(), skip: 1, protect: [30] }, "'protect.0': is 30"],
    [{ selector: staticGreedy(), skip: 1 }, 'comes without a measured order'],
    [{ selector: promptInfluence(), threshold: 0, atLeast: 27 }, "'atLeast': is 27"],
  ])('refuses %j for a model of 30 layers', (options, message) => {
    const choosing = () => choose(options, decoder(30));
    expect(choosing).toThrow(InvalidOptionsError);
    expect(choosing).toThrow(message);
  });

  it('refuses to skip more than was measured, and a wrong order', () => {
    expect(() => choose({ skip: 2 }, decoder(30, { order: [12] }))).toThrow(
      'staticGreedy can skip 1 layers',
    );
    expect(() => choose({ skip: 1 }, decoder(30, { order: [12, 0] }))).toThrow(
      "layer-skip defaults of decoder 'test': option 'order.1': layer 0 always runs",
    );
    expect(() => choose({ skip: 1 }, decoder(30, { order: 'all' }))).toThrow("option 'order'");
  });
});

describe('options that contradict each other', () => {
  const selector = promptInfluence();
  it.each([
    [{}, 'give either layers or skip'],
    [{ layers: [1], skip: 1 }, 'give either layers or skip'],
    [{ skip: 1, threshold: 1 }, "option 'threshold': needs a selector"],
    [{ skip: 1, protect: [4] }, "option 'protect': needs a selector"],
    [{ selector, layers: [1] }, "option 'layers': give either layers or a selector"],
    [{ selector }, "option 'skip': say how many layers promptInfluence skips"],
    [{ selector, skip: 1, threshold: 1 }, 'give either skip or threshold'],
    [{ selector, skip: 1, atMost: 1 }, "option 'atMost': needs a threshold"],
    [{ selector, threshold: 1, atLeast: 3, atMost: 2 }, "option 'atLeast': is 3, more than"],
    [
      { selector: unifiedSkipping(), threshold: 1 },
      'unified chooses a number of layers; give skip',
    ],
    [{ selector: 'unified', skip: 1 }, "option 'selector': must be a selector"],
    [{ skip: 1, freeSkipped: true }, "option 'freeSkipped': later turns would read"],
    [{ skip: 1, laterTurns: 'forget' }, "option 'laterTurns'"],
    [{ skip: 1, unknown: 1 }, 'unknown'],
  ])('are refused: %j', (options, message) => {
    expect(() => parseLayerSkipOptions(options)).toThrow(InvalidOptionsError);
    expect(() => parseLayerSkipOptions(options)).toThrow(message);
  });
});
