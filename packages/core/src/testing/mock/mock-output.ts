import type { CheckedForward } from '../../checks/check-forward.js';
import type { DecoderShape, ForwardInput, ForwardOutput } from '../../contract/decoder.js';
import { BlockChanges } from './evidence/mock-block-changes.js';
import { ExpectedScores } from './evidence/mock-expected-scores.js';
import { ScoreReduction } from './evidence/mock-scores.js';
import type { MockCache } from './model/mock-cache.js';
import type { MockModel, Observer } from './model/mock-model.js';

/**
 * Runs a checked forward and gathers what it wants.
 * @param logits [S or more, vocabulary], reused by the next forward of the same sequence
 */
export function runForward(
  model: MockModel,
  shape: DecoderShape,
  cache: MockCache,
  { ids, positions, gates, scales }: CheckedForward,
  { want = {} }: ForwardInput,
  logits: Float32Array,
): ForwardOutput {
  const tokens = ids.length;
  const { vocabulary, hidden, layers } = shape;
  const { logits: wanted = 'last' } = want;
  const reductions = planScores(shape, cache, tokens, gates, want.scores ?? {});
  const hiddenSums = want.hiddenMeans ? new Float64Array(layers * hidden) : undefined;
  const changes = want.blockInfluences ? new BlockChanges(layers) : undefined;

  for (let token = 0; token < tokens; token++) {
    const observe: Observer = (layer, observed) => {
      if (hiddenSums)
        for (let i = 0; i < hidden; i++) hiddenSums[layer * hidden + i] += observed.normalised[i];
      for (const { rows, byLayer } of reductions)
        if (token >= tokens - rows) byLayer.get(layer)?.add(observed);
    };
    const observed = hiddenSums || reductions.length > 0;
    model.read(
      cache,
      ids[token],
      positions[token],
      { gates, scales },
      observed ? observe : undefined,
      changes?.observe,
    );
    cache.nextPosition = positions[token] + 1;
    if (wanted === 'all')
      model.logits(logits.subarray(token * vocabulary, (token + 1) * vocabulary));
  }
  if (wanted === 'last') model.logits(logits.subarray(0, vocabulary));

  const rows = { last: 1, all: tokens, none: 0 }[wanted];
  return {
    logits: logits.subarray(0, rows * vocabulary),
    ...(want.scores && {
      scores: Object.fromEntries(
        reductions.map(({ name, byLayer }) => [
          name,
          new Map([...byLayer].map(([layer, reduction]) => [layer, reduction.result()])),
        ]),
      ),
    }),
    ...(hiddenSums && { hiddenMeans: Float32Array.from(hiddenSums, (sum) => sum / tokens) }),
    ...(changes && { blockInfluences: changes.mean(tokens, gates) }),
  };
}

function planScores(
  shape: DecoderShape,
  cache: MockCache,
  tokens: number,
  gates: Uint8Array | undefined,
  requests: NonNullable<NonNullable<ForwardInput['want']>['scores']>,
) {
  const all = Array.from({ length: shape.layers }, (_, layer) => layer);
  return Object.entries(requests).map(([name, request]) => {
    const running = (request.layers ?? all).filter((layer) => !gates || gates[layer] === 1);
    const { future } = request;
    const scoresOf = (layer: number) =>
      future === undefined
        ? new ScoreReduction(request, shape.heads, shape.kvHeads, cache.rows(layer) + tokens)
        : new ExpectedScores({ ...request, future }, shape, cache, layer);
    const byLayer = new Map(running.map((layer) => [layer, scoresOf(layer)]));
    return { name, rows: request.rows, byLayer };
  });
}
