import type { CacheView, ForwardInput, ForwardOutput, Hooks, Run } from '@pliant/core';
import { ChunkScores } from './chunk-scores.js';
import { keepBest } from './keep-best.js';
import type { Policy } from './policy.js';
import { readAhead } from './read-ahead.js';

/** The hooks of `kvDrop` for one turn. */
export function dropHooks(name: string, run: Run, policy: Policy, budget: number): Hooks {
  const { kvHeads, headDim, layers: count, slidingWindows } = run.decoder.shape;
  const layers = Array.from({ length: count }, (_, layer) => layer);
  const isSliding = (layer: number) => (slidingWindows?.[layer] ?? 0) > 0;
  const full = layers.filter((layer) => !isSliding(layer));
  let newRows = 0;
  let chunks: ChunkScores | undefined;

  /** Rows before the last prompt token's, which is fed again: a look-ahead is behind it. */
  function candidatesOf(view: CacheView, layer: number, promptEnd: number): number {
    const positions = view.positions(layer, 0);
    let count = positions.length;
    while (count > 0 && positions[count - 1] >= promptEnd - 1) count--;
    return count;
  }

  /** [layers], rows to keep; as many as there are in a layer with a sliding window. */
  function budgetsOf(candidatesIn: readonly number[]): number[] {
    const most = Math.max(0, ...full.map((layer) => candidatesIn[layer]));
    const shares = most > budget ? policy.layerBudgets?.(budget, full.length, most) : undefined;
    return layers.map((layer) =>
      isSliding(layer) ? candidatesIn[layer] : (shares?.[full.indexOf(layer)] ?? budget),
    );
  }

  function select(
    view: CacheView,
    scores: ReadonlyMap<number, Float32Array> | undefined,
    candidatesIn: readonly number[],
    budgets: readonly number[],
  ): readonly Uint32Array[][] {
    return layers.map((layer) => {
      const candidates = candidatesIn[layer];
      if (candidates <= budgets[layer]) {
        const all = Uint32Array.from({ length: candidates }, (_, row) => row);
        return Array.from({ length: kvHeads }, () => all);
      }
      const rows = {
        layer,
        kvHeads,
        headDim,
        rows: view.rows(layer),
        newRows,
        candidates,
        scores: scores?.get(layer),
        positions: (kvHead: number) => view.positions(layer, kvHead),
        keys: () => view.keys(layer),
        values: () => view.values(layer),
        random: run.random,
      };
      return keepBest(policy, rows, budgets[layer]);
    });
  }

  function report(
    candidatesIn: readonly number[],
    kept: readonly Uint32Array[][] | undefined,
    selectMs: number,
  ) {
    let rowsKept = 0;
    let rowsDropped = 0;
    for (const layer of layers) {
      rowsKept += kept ? kept[layer][0].length : candidatesIn[layer] + 1;
      rowsDropped += kept ? candidatesIn[layer] - kept[layer][0].length : 0;
    }
    run.emit('rowsKept', rowsKept / count);
    run.emit('rowsDropped', rowsDropped / count);
    run.emit('selectMs', selectMs);
  }

  function withScores(input: ForwardInput): ForwardInput {
    if (!policy.scores) return input;
    const request = { ...policy.scores(input.ids.length), layers: full };
    if (request.chunks === 'every') chunks = new ChunkScores();
    return {
      ...input,
      want: { ...input.want, scores: { ...input.want?.scores, [name]: request } },
    };
  }

  /** Of the whole prefill once its last chunk was read. */
  function scoresOf(
    view: CacheView,
    last: ForwardOutput,
  ): ReadonlyMap<number, Float32Array> | undefined {
    const scores = last.scores?.[name];
    if (scores) chunks?.add(view, scores);
    return chunks?.of(view) ?? scores;
  }

  return {
    prefill(input, next, draft) {
      const { position, kept } = run.prompt;
      newRows = input.ids.length;
      // Rows are at most positions, so there is nothing to drop.
      const fits = position + kept.ids.length <= budget + 1;
      const { lookahead } = policy;
      if (lookahead && (fits || full.length === 0)) {
        run.emit('lookaheadTokens', 0);
        run.emit('lookaheadMs', 0);
      }
      if (fits || full.length === 0) return next(input);
      if (!lookahead || !policy.scores) return next(withScores(input));
      const request = { ...policy.scores(kept.ids.length), layers: full };
      return readAhead(input, next, draft, { run, name, request, lookahead });
    },
    editCache(view, last, { phase, promptEnd }) {
      const scores = last.scores?.[name];
      if (phase === 'prefill-chunk' && scores) chunks?.add(view, scores);
      if (phase !== 'prefill-end') return undefined;
      const candidatesIn = layers.map((layer) => candidatesOf(view, layer, promptEnd));
      if (
        full.length < count &&
        candidatesIn.some((candidates, layer) => isSliding(layer) && candidates > budget)
      )
        run.warn({
          type: 'degraded',
          feature: 'sliding-window layers',
          details: `the ${count - full.length} of ${count} layers with a sliding window keep all their rows`,
        });
      const budgets = budgetsOf(candidatesIn);
      if (layers.every((layer) => candidatesIn[layer] <= budgets[layer])) {
        report(candidatesIn, undefined, 0);
        return undefined;
      }
      const started = performance.now();
      const kept = select(view, scoresOf(view, last), candidatesIn, budgets);
      report(candidatesIn, kept, performance.now() - started);
      return { keep: (layer, kvHead) => kept[layer][kvHead], refeed: 1 };
    },
  };
}
