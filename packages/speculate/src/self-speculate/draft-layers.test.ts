import { type Decoder, InvalidOptionsError } from '@pliant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draftLayers } from './draft-layers.js';

const decoder = (layers: number, defaults?: unknown) =>
  ({
    id: 'test',
    shape: { layers },
    defaults: defaults === undefined ? undefined : { 'self-speculate': defaults },
  }) as Decoder;

describe('the layers of a draft', () => {
  it('are all but the given ones', () => {
    const { gates, skipped, measured } = draftLayers({ layers: [4, 2] }, decoder(6));
    expect([...gates]).toEqual([1, 1, 0, 1, 0, 1]);
    expect({ skipped, measured }).toEqual({ skipped: [4, 2], measured: true });
  });

  it('are all but the first of the measured order', () => {
    const model = decoder(30, { order: [12, 11, 14, 4] });
    const { skipped, measured } = draftLayers({ skip: 2 }, model);
    expect({ skipped, measured }).toEqual({ skipped: [12, 11], measured: true });
  });

  it('are all but evenly spread ones if no order was measured', () => {
    const { skipped, measured } = draftLayers({ skip: 2 }, decoder(30));
    expect({ skipped, measured }).toEqual({ skipped: [9, 22], measured: false });
    expect(draftLayers({ skip: 1 }, decoder(5)).skipped).toEqual([3]);
  });

  it('spread, are distinct and never the first three or the last, for every count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 80 }), fc.nat(), (layers, seed) => {
        const skip = 1 + (seed % (layers - 4));
        const { skipped, gates } = draftLayers({ skip }, decoder(layers));
        expect(new Set(skipped).size).toBe(skip);
        expect([...gates].filter((gate) => gate === 0)).toHaveLength(skip);
        for (const layer of skipped) {
          expect(layer).toBeGreaterThanOrEqual(3);
          expect(layer).toBeLessThan(layers - 1);
        }
      }),
    );
  });

  it.each([
    [{ layers: [3, 0] }, undefined, "self-speculate: option 'layers.1': layer 0 always runs"],
    [{ layers: [30] }, undefined, "option 'layers.0': is 30, but the layers are 0 to 29"],
    [{ layers: [4, 4] }, undefined, "option 'layers.1': layer 4 is listed twice"],
    [{ skip: 27 }, undefined, "option 'skip': is 27, but the draft can skip 26 layers"],
    [{ skip: 2 }, { order: [12] }, "option 'skip': is 2, but the draft can skip 1 layers"],
    [{ skip: 1 }, { order: [12, 0] }, "defaults of decoder 'test': option 'order.1': layer 0"],
    [{ skip: 1 }, { order: 'all' }, "option 'order'"],
  ])('are refused for a model of 30 layers: %j, %j', (options, defaults, message) => {
    const choosing = () => draftLayers(options, decoder(30, defaults));
    expect(choosing).toThrow(InvalidOptionsError);
    expect(choosing).toThrow(message);
  });
});
