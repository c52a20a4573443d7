import { type Hooks, type Middleware, parseOptions, type Run } from '@pliant/core';
import { z } from 'zod/v4';
import { AcceptCount } from '../accept/accept-count.js';
import { AcceptRate } from '../accept/accept-rate.js';
import { draftLength } from '../length/draft-length.js';
import { assumedTimes, MeasuredTimes } from '../length/forward-times.js';
import { type DraftLayers, draftLayers, warnOfUnmeasured } from './draft-layers.js';
import { DraftWriter } from './draft-writer.js';

const name = 'self-speculate';

/** Checks the options of `selfSpeculate`. */
export const selfSpeculateOptions = z
  .strictObject({
    layers: z.array(z.int()).min(1).optional(),
    skip: z.int().min(1).optional(),
    draftTokens: z.int().min(1).max(63).default(4),
    adaptive: z.boolean().default(true),
  })
  .refine(
    ({ layers, skip }) => (layers === undefined) !== (skip === undefined),
    'give either layers or skip',
  );
type Options = z.output<typeof selfSpeculateOptions> & { readonly draft: DraftLayers };

export type SelfSpeculateOptions = {
  /** Longest draft, in tokens. 1 to 63; default 4. */
  readonly draftTokens?: number;
  /**
   * Drafts as many tokens as pay, judged by the times of drafting and verifying and by how many
   * drafted tokens were right; none if none pay. For greedy text, times are measured. For sampled
   * text they are assumed from the number of layers, so a seed gives the same text on every
   * machine. `false`: always `draftTokens`. Default true.
   */
  readonly adaptive?: boolean;
} & (
  | {
      /** Layers that the draft skips, counted from 0: one or more, each once, and not 0. */
      readonly layers: readonly number[];
      readonly skip?: never;
    }
  | {
      /**
       * How many layers the draft skips, 1 or more: the first of the model's measured order
       * (`decoder.defaults['self-speculate'].order`). For a decoder without one they are evenly
       * spread between the first three and the last, which always run, and a warning says so.
       */
      readonly skip: number;
      readonly layers?: never;
    }
);

/**
 * Has the model draft for itself with layers skipped, and verify the draft with all layers in one
 * forward (Draft & Verify, Zhang et al. 2023, arXiv:2309.08168; SWIFT, Xia et al. 2024,
 * arXiv:2410.06916). Greedy text equals that of the run without, token for token. Sampled text has
 * the same distribution as without: the draft draws from its own distribution (same temperature,
 * top-k, top-p, min-p) with its own random stream, and is accepted by speculative rejection
 * sampling. Beside a middleware that replaces the draw (`constrain`), a drafted token is accepted
 * if it is the one drawn.
 *
 * ```ts
 * stack.use(selfSpeculate({ skip: 10, draftTokens: 4 }));
 * ```
 *
 * Drafting costs one forward per token, with layers left out. It pays on models so large that the
 * layers are most of the work and a verification costs little more than one token. Rows that
 * drafting wrote are truncated before the verification.
 *
 * Metrics: `tokensDrafted`, `tokensAccepted`, `draftMs`.
 *
 * @throws InvalidOptionsError for a wrong option; at `.use()` if the decoder has no such layer, or
 * fewer layers than `skip` can be skipped
 */
export function selfSpeculate(
  options: SelfSpeculateOptions,
): Middleware<typeof name, 'logits.all' | 'kv.edit' | 'layers.skip'> {
  const parsed = parseOptions(name, selfSpeculateOptions, options);
  const { layers, skip } = parsed;
  return {
    specificationVersion: 'v1',
    name,
    requires: ['logits.all', 'kv.edit', 'layers.skip'],
    optional: ['logits.stepwise'],
    check: (decoder) => {
      draftLayers({ layers, skip }, decoder);
    },
    create: (run) => {
      const draft = draftLayers({ layers, skip }, run.decoder);
      warnOfUnmeasured(run, draft);
      return speculate(
        run,
        { ...parsed, draft },
        { rate: optimistic(), times: new MeasuredTimes(), draftTimes: new MeasuredTimes() },
      );
    },
  };
}

/** State that a fork or a later turn takes over. */
interface Memory {
  readonly rate: AcceptRate;
  readonly times: MeasuredTimes;
  readonly draftTimes: MeasuredTimes;
}

/** Assumes that all drafts are right until some were not: the rate is learnt by trying. */
const optimistic = () => new AcceptRate(1, 2);
/**
 * Tokens without a draft after which drafting is tried again, because the text may have changed.
 */
const retryAfter = 256;

/** The hooks of `selfSpeculate` for one turn. */
function speculate(run: Run, options: Options, memory: Memory): Hooks {
  const { draft: layers } = options;
  const times = memory.times.copy();
  const draftTimes = memory.draftTimes.copy();
  let rate = memory.rate.copy();
  let idle = 0;
  const share = 1 - layers.skipped.length / layers.gates.length;
  const isSampled = run.temperature > 0;
  const count = new AcceptCount(run);
  const writer = new DraftWriter(run, layers);
  let drafted: readonly number[] = [];
  run.emit('draftMs', 0);
  let draftMs = 0;

  const choose = (most: number): number => {
    if (!options.adaptive) return most;
    const accepts = () => rate.value;
    if (isSampled) return draftLength({ accepts, times: assumedTimes, draftTime: share }, most);
    const draftTime = draftTimes.of(1) ?? share * (times.of(1) ?? 0);
    return draftLength({ accepts, times, draftTime }, most);
  };

  return {
    async propose(draft, most) {
      const length = choose(Math.min(options.draftTokens, most));
      drafted = [];
      if (length === 0) {
        idle++;
        if (idle % retryAfter === 0) rate = optimistic();
        return drafted;
      }
      const started = performance.now();
      drafted = await writer.write(draft, length);
      const ms = performance.now() - started;
      if (drafted.length > 0) draftTimes.add(1, ms / drafted.length);
      draftMs += ms;
      run.emit('draftMs', draftMs);
      count.addDrafted(drafted.length);
      return isSampled ? { tokens: drafted, distributions: writer.distributions } : drafted;
    },
    forward: (input, next) => times.measure(input, next),
    commit(tokens) {
      for (const token of tokens) {
        if (drafted.length === 0) return;
        const isRight = token === drafted[0];
        rate.add(isRight);
        if (isRight) count.addAccepted();
        drafted = isRight ? drafted.slice(1) : [];
      }
    },
    rollback() {
      drafted = [];
    },
    nextTurn: (later) => {
      warnOfUnmeasured(later, layers);
      return speculate(later, options, { rate, times, draftTimes });
    },
    fork: (copy) => speculate(copy, options, { rate, times, draftTimes }),
  };
}
