import { join } from 'node:path';
import * as ls from '@pliant/layer-skip';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { decoder, run, savedGeneration } from './surroundings.js';
import type { PackageTargets, Target } from './target.js';

const layers = 10;
const hidden = 32;
const fingerprint = await decoder().fingerprint!();

const map = () => ({
  meanLayers: [0],
  bias: new Array(layers).fill(0),
  weights: Array.from({ length: layers }, () =>
    new Array(layers + 1 + hidden + 1).fill(0).slice(1),
  ),
});

const calibration = () => ({
  format: 'pliant-layer-skip' as const,
  version: 1 as const,
  model: { id: 'mock-0', fingerprint, layers, hidden },
  order: [4, 3, 5],
  influences: new Array(layers).fill(0.5),
  leaveOneOut: new Array(layers).fill(0.5),
  routers: {
    ridge: map(),
    logistic: map(),
    sets: [{ skip: 1, sets: [[4]], map: { ...map(), bias: [0], weights: [map().weights[0]] } }],
  },
  ships: 'staticGreedy' as const,
});

type Router = (options: { calibration: ls.Calibration }) => ls.LayerSelector<never>;
const calibrated = (name: string, make: Router): Target => ({
  name,
  args: () => [{ calibration: calibration() }],
  call: (options) => run(ls.layerSkip({ selector: make(options), skip: 1 }) as never),
});

const ownSelector = (): ls.LayerSelector => ({
  name: 'own',
  requires: [],
  protects: () => [0],
  check: () => {},
  verify: async () => {},
  costs: () => new Array(layers).fill(1),
  scales: () => new Array(layers).fill(1),
});

const rightNames = { weight: (layer: number) => `router ${layer}`, bias: null };

export const layerSkipTargets: PackageTargets = {
  name: 'layer-skip',
  exports: ls,
  leftOut: { promptFeatures: 'called by routers, with the evidence of a prefill' },
  targets: [
    {
      name: 'layerSkip',
      args: () => [{ layers: [3, 4], laterTurns: 'skip', freeSkipped: false }],
      call: (options) => run(ls.layerSkip(options) as never),
    },
    {
      name: 'layerSkip with a selector',
      args: () => [{ selector: ownSelector(), skip: 1, protect: [0] }],
      call: (options) => run(ls.layerSkip(options) as never),
    },
    {
      name: 'layerSkip with a threshold',
      args: () => [
        { selector: ls.promptInfluence(), threshold: 0.1, atLeast: 0, atMost: 2, protect: [0] },
      ],
      call: (options) => run(ls.layerSkip(options) as never),
    },
    ...(['costs', 'scales', 'protects'] as const).map(
      (method): Target => ({
        name: `what ${method} of a selector returns`,
        args: () => [undefined],
        call: (value) => {
          const own = ownSelector();
          const selector = { ...own, [method]: value === undefined ? own[method] : () => value };
          return run(ls.layerSkip({ selector, skip: 1 }) as never);
        },
      }),
    ),
    calibrated('shortGPT', ls.shortGPT as Router),
    calibrated('staticGreedy', ls.staticGreedy as Router),
    calibrated('ridgeRouter', ls.ridgeRouter as Router),
    calibrated('logisticRouter', ls.logisticRouter as Router),
    calibrated('setRouter', ls.setRouter as Router),
    ...[ls.adaSkip, ls.evenlySpread, ls.promptInfluence, ls.unifiedSkipping].map(
      (make): Target => ({
        name: make.name,
        args: () => (make === ls.adaSkip ? [{ compensate: true }] : []),
        call: (options) => run(ls.layerSkip({ selector: make(options), skip: 1 }) as never),
      }),
    ),
    {
      name: 'withCompensation',
      args: () => [ls.promptInfluence()],
      call: (selector) =>
        run(ls.layerSkip({ selector: ls.withCompensation(selector), skip: 1 }) as never),
    },
    {
      name: 'givenLayers',
      args: () => [[3, 4]],
      call: (given) => run(ls.layerSkip({ selector: ls.givenLayers(given) }) as never),
    },
    {
      name: 'firstRouter',
      args: () => [
        {
          weights: Array.from({ length: layers }, () => new Float32Array(hidden)),
          biases: new Array(layers).fill(0),
        },
      ],
      call: (weights) => run(ls.layerSkip({ selector: ls.firstRouter(weights), skip: 1 }) as never),
    },
    {
      name: 'loadFirstRouter',
      // It holds no router, which is an error of its own.
      args: () => [savedGeneration, { ...rightNames }],
      call: async (path, names) => {
        const isRight =
          path === savedGeneration && names?.weight === rightNames.weight && names?.bias === null;
        await ls.loadFirstRouter(path, names).catch((error) => {
          if (!isRight) throw error;
        });
      },
    },
    {
      name: 'readCalibration',
      args: () => [join(smollm2.folder, 'layer-skip.calibration.json')],
      call: ls.readCalibration,
    },
    {
      name: 'makeSelector',
      args: () => ['adaSkip', { compensate: false }],
      call: (name, options) =>
        run(ls.layerSkip({ selector: ls.makeSelector(name, options), skip: 1 }) as never),
    },
    { name: 'outerLayers', args: () => [8], call: ls.outerLayers },
  ],
};
