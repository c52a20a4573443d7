import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Capability, InvalidOptionsError, pipeline, StackError } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { type LayerSkipOptions, layerSkip } from '../layer-skip.js';
import { type Calibration, readCalibration } from '../selection/calibration.js';
import { calibrationFor, constantMap } from '../selection/calibration.test.support.js';
import { logisticRouter } from './logistic-router.js';
import { ridgeRouter } from './ridge-router.js';
import { setRouter } from './set-router.js';
import { shortGPT } from './short-gpt.js';
import { staticGreedy } from './static-greedy.js';

const layers = 6;
const decoder = mockDecoder({ layers });
const short = 'Hi';
const long = 'It was the best of times, it was the worst of times: where is the key?';

/** The layers skipped in decoding. */
async function skippedBy(
  options: LayerSkipOptions<Capability>,
  text = short,
  on = mockDecoder({ layers }),
): Promise<number[]> {
  await pipeline(on, { tokenizer: mockTokenizer() })
    .use(layerSkip(options))
    .generate({ text }, { maxNewTokens: 3 });
  return [...(on.calls.at(-1)!.layers ?? [])].flatMap((gate, layer) => (gate === 0 ? [layer] : []));
}

describe('a calibration', () => {
  it('gives the order of staticGreedy and the influences of shortGPT', async () => {
    const calibration = await calibrationFor(decoder);
    expect(await skippedBy({ selector: staticGreedy({ calibration }), skip: 2 })).toEqual([2, 4]);
    expect(await skippedBy({ selector: shortGPT({ calibration }), skip: 1 })).toEqual([3]);
  });

  it('is refused by a model of another size at use(), and by other weights when a prompt is read', async () => {
    const calibration = await calibrationFor(decoder);
    const selector = staticGreedy({ calibration });
    await expect(
      skippedBy({ selector, skip: 1 }, short, mockDecoder({ layers: 7 })),
    ).rejects.toThrow(InvalidOptionsError);
    const other = skippedBy({ selector, skip: 1 }, short, mockDecoder({ layers, seed: 1 }));
    await expect(other).rejects.toThrow(StackError);
    await expect(other).rejects.toThrow('has other weights; calibrate it');
  });

  it('is refused by other weights where a generation is loaded, too', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'calibration-')), 'saved');
    const stack = pipeline(decoder, { tokenizer: mockTokenizer() });
    const generation = await stack.start({ text: short }, { maxNewTokens: 6 });
    await generation.step();
    await generation.save(file);
    const calibration = await calibrationFor(mockDecoder({ layers, seed: 1 }));
    const selector = staticGreedy({ calibration });
    const loaded = await stack.use(layerSkip({ selector, skip: 1 })).load(file);
    await expect(loaded.step()).rejects.toThrow('has other weights; calibrate it');
  });

  it('is read from a file, and refused where it is of another format or version', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'calibration-'));
    const write = (content: unknown) => {
      const file = path.join(folder, 'calibration.json');
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    };
    const calibration = await calibrationFor(decoder);
    expect(await readCalibration(write(calibration))).toEqual(calibration);
    for (const wrong of ['{', { ...calibration, version: 2 }, { ...calibration, more: 1 }])
      await expect(readCalibration(write(wrong))).rejects.toThrow(InvalidOptionsError);
  });
});

describe.each([
  ['ridgeRouter', ridgeRouter, 'ridge'],
  ['logisticRouter', logisticRouter, 'logistic'],
] as const)('%s', (name, make, key) => {
  const withMap = (map: NonNullable<Calibration['routers']['ridge']>) =>
    calibrationFor(decoder, { routers: { [key]: map } });

  it('skips the layers that its map says cost least, which depends on the prompt', async () => {
    // Layer 3 costs -1 plus half of the logarithm of the prompt's tokens.
    const map = constantMap(decoder, [9, 9, 0.5, -1, 9, 9], (weights) => {
      weights[3][layers] = 0.5;
    });
    const selector = make({ calibration: await withMap(map) });
    expect(await skippedBy({ selector, skip: 1 }, short)).toEqual([3]);
    expect(await skippedBy({ selector, skip: 1 }, long)).toEqual([2]);
    expect(await skippedBy({ selector, skip: 2 }, long)).toEqual([2, 3]);
    expect(await skippedBy({ selector, threshold: 0.6 }, short)).toEqual([2, 3]);
  });

  it('is refused without its map, or with one of other shapes', async () => {
    const none = await calibrationFor(decoder);
    expect(() => make({ calibration: none })).toThrow(
      `layer-skip, ${name}: option 'calibration': that of 'mock-0' has no such router; it recommends staticGreedy`,
    );
    const map = constantMap(decoder, [1, 1, 1, 1, 1, 1]);
    const refusing = async (wrong: typeof map, message: string) => {
      const selector = make({ calibration: await withMap(wrong) });
      await expect(skippedBy({ selector, skip: 1 })).rejects.toThrow(message);
    };
    await refusing({ ...map, bias: [1] }, '6 rows and 1 biases, not 6');
    await refusing(
      { ...map, weights: map.weights.map((row) => row.slice(1)) },
      '38 weights for 39',
    );
    await refusing({ ...map, meanLayers: [6] }, "'meanLayers.0': there is no layer 6");
  });
});

describe('setRouter', () => {
  const choice = (bias: readonly number[]) => ({
    skip: 2,
    sets: [
      [2, 4],
      [3, 5],
    ],
    map: constantMap(decoder, bias, (weights) => {
      weights[0][layers] = 1;
    }),
  });

  it('skips the set whose expected KL is lowest', async () => {
    const calibration = await calibrationFor(decoder, { routers: { sets: [choice([0, 2])] } });
    const selector = setRouter({ calibration });
    expect(await skippedBy({ selector, skip: 2 }, short)).toEqual([2, 4]);
    expect(await skippedBy({ selector, skip: 2 }, long)).toEqual([3, 5]);
  });

  it('skips the next layers of the order in the place of protected ones', async () => {
    const calibration = await calibrationFor(decoder, { routers: { sets: [choice([0, 2])] } });
    const selector = setRouter({ calibration });
    expect(await skippedBy({ selector, skip: 2, protect: [3] }, long)).toEqual([4, 5]);
    expect(await skippedBy({ selector, skip: 2, protect: [2, 3, 4] }, long)).toEqual([1, 5]);
  });

  it('refuses a number of layers that it has no sets for before anything is read', async () => {
    const calibration = await calibrationFor(decoder, { routers: { sets: [choice([0, 2])] } });
    const stack = pipeline(decoder, { tokenizer: mockTokenizer() });
    const middleware = layerSkip({ selector: setRouter({ calibration }), skip: 3 });
    expect(() => stack.use(middleware)).toThrow(
      "option 'skip': is 3, and the setRouter has sets of 2 layers",
    );
    const short = { ...choice([0, 2]), sets: [[2], [3, 5]] };
    const wrong = await calibrationFor(decoder, { routers: { sets: [short] } });
    await expect(
      skippedBy({ selector: setRouter({ calibration: wrong }), skip: 2 }),
    ).rejects.toThrow("option 'sets.0': has 1 layers, not 2");
  });

  it('refuses sets that cannot be skipped', async () => {
    const broken = {
      ...choice([0, 2]),
      sets: [
        [0, 4],
        [3, 5],
      ],
    };
    const wrong = await calibrationFor(decoder, { routers: { sets: [broken] } });
    await expect(
      skippedBy({ selector: setRouter({ calibration: wrong }), skip: 2 }),
    ).rejects.toThrow("option 'sets.0.0': layer 0 always runs");
  });
});
