import {
  type CacheView,
  type Capability,
  type ForwardOutput,
  type Hooks,
  InvalidOptionsError,
  type Middleware,
  parseOptions,
  type Run,
} from '@pliant/core';
import { z } from 'zod';
import type { Policy } from './policy.js';

const name = 'kv-drop';

const schema = z.strictObject({
  policy: z.custom<Policy>(
    (value) => typeof (value as Policy | undefined)?.select === 'function',
    'must be a policy, such as snapKV()',
  ),
  budget: z.int().min(1),
});

export interface KvDropOptions<PolicyNeeds extends Capability = never> {
  /** Which rows stay: `snapKV()`, `streamingLLM()`, or your own. */
  readonly policy: Policy<PolicyNeeds>;
  /** Rows kept of the prompt per layer and KV head, everything counted (sinks and windows too). At least the policy's minimum. */
  readonly budget: number;
}

/**
 * Drops rows of the KV cache once the prompt was read: `budget` rows stay in every layer and KV head, chosen by `policy`, at their
 * original positions. A prompt of at most `budget` + 1 tokens is left alone.
 *
 * As in SpecKV, the last prompt token is not among the kept rows: it is fed again at its own position, and the first token is drawn
 * from that forward, which sees what all later ones see. Its row, like those of generated tokens, comes on top of the budget;
 * nothing is dropped while decoding. A later turn (`generation.append`) is cut to the budget again, with what is left of the
 * turns before. Layers with a sliding window keep all their rows, and a warning says so.
 *
 * Metrics, the last prompt's: `rowsKept` and `rowsDropped` per KV head, mean over the layers (the token fed again is in neither);
 * `selectMs`, choosing the rows; the time of the scores is part of `prefillMs`.
 *
 * @throws InvalidOptionsError for a wrong option, or a budget below the policy's minimum
 */
export function kvDrop<PolicyNeeds extends Capability = never>(
  options: KvDropOptions<PolicyNeeds>,
): Middleware<typeof name, 'kv.edit' | 'positions.explicit' | PolicyNeeds> {
  const { budget } = parseOptions(name, schema, options);
  const { policy } = options;
  if (budget < policy.minimumBudget)
    throw new InvalidOptionsError(name, [
      {
        path: 'budget',
        message: `is ${budget}, but ${policy.name} as configured needs at least ${policy.minimumBudget}`,
      },
    ]);
  return {
    specificationVersion: 'v1',
    name,
    requires: ['kv.edit', 'positions.explicit', ...policy.requires],
    create: (run) => hooks(run, policy, budget),
  };
}

function hooks(run: Run, policy: Policy, budget: number): Hooks {
  const { kvHeads, layers: count, slidingWindows } = run.decoder.shape;
  const layers = Array.from({ length: count }, (_, layer) => layer);
  const isSliding = (layer: number) => (slidingWindows?.[layer] ?? 0) > 0;
  const full = layers.filter((layer) => !isSliding(layer));

  /** Rows before the last prompt token's, which is fed again: a look-ahead of another middleware is behind it. */
  function candidatesOf(view: CacheView, layer: number, promptEnd: number): number {
    const positions = view.positions(layer, 0);
    let count = positions.length;
    while (count > 0 && positions[count - 1] >= promptEnd - 1) count--;
    return count;
  }

  function select(
    view: CacheView,
    last: ForwardOutput,
    candidatesIn: readonly number[],
  ): readonly Uint32Array[][] {
    return layers.map((layer) => {
      const rows = view.rows(layer);
      const candidates = candidatesIn[layer];
      if (isSliding(layer) || candidates <= budget) {
        const all = Uint32Array.from({ length: candidates }, (_, row) => row);
        return Array.from({ length: kvHeads }, () => all);
      }
      const scores = last.scores?.[name]?.get(layer);
      return [...policy.select({ layer, kvHeads, rows, candidates, scores }, budget)];
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

  return {
    prefill(input, next) {
      if (!policy.scores || full.length === 0) return next(input);
      const request = { ...policy.scores(input.ids.length), layers: full };
      const scores = { ...input.want?.scores, [name]: request };
      return next({ ...input, want: { ...input.want, scores } });
    },
    editCache(view, last, { phase, promptEnd }) {
      if (phase !== 'prefill-end') return undefined;
      const candidatesIn = layers.map((layer) => candidatesOf(view, layer, promptEnd));
      const overBudget = layers.filter((layer) => candidatesIn[layer] > budget);
      if (overBudget.some(isSliding))
        run.warn({
          type: 'degraded',
          feature: 'sliding-window layers',
          details: `the ${count - full.length} of ${count} layers with a sliding window keep all their rows`,
        });
      if (overBudget.every(isSliding)) {
        report(candidatesIn, undefined, 0);
        return undefined;
      }
      const started = performance.now();
      const kept = select(view, last, candidatesIn);
      report(candidatesIn, kept, performance.now() - started);
      return { keep: (layer, kvHead) => kept[layer][kvHead], refeed: 1 };
    },
  };
}
