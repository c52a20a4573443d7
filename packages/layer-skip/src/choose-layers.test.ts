import { type Decoder, InvalidOptionsError } from '@pliant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseLayers } from './choose-layers.js';

function decoder(layers: number, order?: unknown): Decoder {
  return {
    id: 'test',
    capabilities: new Set(['layers.skip'] as const),
    shape: { layers, heads: 1, kvHeads: 1, headDim: 1, hidden: 1, vocabulary: 1, maxPositions: 1 },
    defaults: order === undefined ? undefined : { 'layer-skip': { order } },
    open: () => Promise.reject(new Error('not opened here')),
    close: () => Promise.resolve(),
  };
}

describe('chooseLayers', () => {
  it('takes the given layers', () => {
    expect(chooseLayers({ layers: [12, 11] }, decoder(30))).toEqual({
      skipped: [12, 11],
      measured: true,
    });
    expect(chooseLayers({ layers: [] }, decoder(30)).skipped).toEqual([]);
  });

  it('takes the first of the measured order', () => {
    const model = decoder(30, [12, 11, 14, 4]);
    expect(chooseLayers({ skip: 2 }, model)).toEqual({ skipped: [12, 11], measured: true });
    expect(chooseLayers({ skip: 0 }, model).skipped).toEqual([]);
  });

  it('spreads layers between the protected ones where no order was measured', () => {
    expect(chooseLayers({ skip: 2 }, decoder(30))).toEqual({ skipped: [9, 22], measured: false });
    expect(chooseLayers({ skip: 1 }, decoder(5))).toEqual({ skipped: [3], measured: false });
    expect(chooseLayers({ skip: 0 }, decoder(30))).toEqual({ skipped: [], measured: true });
  });

  it('skips distinct layers and never the first three or the last, for every count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 80 }), fc.nat(), (layers, seed) => {
        const skip = seed % (layers - 3);
        const { skipped } = chooseLayers({ skip }, decoder(layers));
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
    [{ skip: 27 }, "option 'skip': is 27, but what decoder 'test' can skip"],
  ])('refuses %j', (options, message) => {
    const choose = () => chooseLayers(options, decoder(30));
    expect(choose).toThrow(InvalidOptionsError);
    expect(choose).toThrow(message);
  });

  it('refuses to skip more than was measured, and a wrong order', () => {
    expect(() => chooseLayers({ skip: 2 }, decoder(30, [12]))).toThrow('has 1 layers');
    expect(() => chooseLayers({ skip: 1 }, decoder(30, [12, 0]))).toThrow(
      "layer-skip defaults of decoder 'test': option 'order.1': layer 0 always runs",
    );
    expect(() => chooseLayers({ skip: 1 }, decoder(30, 'all'))).toThrow("option 'order'");
  });
});
