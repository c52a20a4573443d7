import { type Hooks, type Middleware, parseOptions, type Run } from '@pliant/core';
import { z } from 'zod/v4';
import { AcceptByMatch } from '../accept/accept-by-match.js';
import { AcceptCount } from '../accept/accept-count.js';
import { draftLength } from '../length/draft-length.js';
import { assumedTimes, MeasuredTimes } from '../length/forward-times.js';
import { NgramIndex, type Occurrence } from './prompt-lookup-index.js';

const name = 'prompt-lookup';

/** Checks the options of `promptLookup`. */
export const promptLookupOptions = z.strictObject({
  ngram: z.int().min(1).max(16).default(3),
  draftTokens: z.int().min(1).max(63).default(7),
  adaptive: z.boolean().default(true),
});

export interface PromptLookupOptions {
  /**
   * Most of the last tokens to look up. If they have no earlier occurrence, fewer are looked up. 1
   * to 16; default 3.
   */
  readonly ngram?: number;
  /**
   * Longest draft, in tokens. 1 to 63; default 7: with the last accepted token, a verification of
   * 8.
   */
  readonly draftTokens?: number;
  /**
   * Drafts as many tokens as pay, judged by the times of forwards and by how often such drafts were
   * right; none if none pay. For greedy text, times are measured. For sampled text they are
   * assumed, so a seed gives the same text, also beside other drafting middlewares. `false`: always
   * as many as were found. Default true.
   */
  readonly adaptive?: boolean;
}

/**
 * Drafts what followed when the last tokens occurred earlier in the prompt or the answer (prompt
 * lookup decoding, Saxena 2023; as LLMA, Yang et al. 2023, arXiv:2304.04487), and has the model
 * verify the whole draft in one forward. The text is that of the run without: greedy token for
 * token, sampled the same for a seed. It pays if text is copied: rewriting, extraction, code edits.
 *
 * ```ts
 * stack.use(promptLookup());
 * ```
 *
 * Among the earlier places of the longest n-gram found, the one with the longest equal text before
 * it wins, then the latest. The time to find it and to follow the text does not depend on the
 * length of the text. Tokens dropped from the prompt or the cache are looked up too, and so are
 * earlier turns.
 *
 * Metrics: `tokensDrafted`, `tokensAccepted`.
 *
 * @throws InvalidOptionsError
 */
export function promptLookup(
  options: PromptLookupOptions = {},
): Middleware<typeof name, 'logits.all' | 'kv.edit'> {
  const parsed = parseOptions(name, promptLookupOptions, options);
  return {
    specificationVersion: 'v1',
    name,
    requires: ['logits.all', 'kv.edit'],
    optional: ['logits.stepwise'],
    create: (run) =>
      lookUp(run, parsed, { earlier: [], rates: new AcceptByMatch(), times: new MeasuredTimes() }),
  };
}

/** State that a fork or a later turn takes over. */
interface Memory {
  /** Tokens of the turns before. */
  readonly earlier: readonly (readonly number[])[];
  readonly rates: AcceptByMatch;
  readonly times: MeasuredTimes;
}

/** Tokens that are expected to follow, until an accepted token differs. */
interface Expected {
  readonly match: number;
  readonly tokens: readonly number[];
  readonly drafted: number;
  confirmed: number;
}

/** The hooks of `promptLookup` for one turn. */
function lookUp(run: Run, options: z.output<typeof promptLookupOptions>, memory: Memory): Hooks {
  const { earlier } = memory;
  const rates = memory.rates.copy();
  const times = memory.times.copy();
  const isSampled = run.temperature > 0;
  const count = new AcceptCount(run);
  let index: NgramIndex | undefined;
  let expected: Expected | undefined;

  const open = (): NgramIndex => {
    const opened = new NgramIndex(options.ngram);
    for (const tokens of [...earlier, run.prompt.original.ids, run.generated])
      for (const token of tokens) opened.append(token);
    return opened;
  };
  const confirm = (token: number): void => {
    if (!expected) return;
    const at = expected.confirmed++;
    const isRight = token === expected.tokens[at];
    rates.of(expected.match + at).add(isRight);
    if (isRight && at < expected.drafted) count.addAccepted();
    if (!isRight || expected.confirmed === expected.tokens.length) expected = undefined;
  };

  return {
    async propose(_draft, most) {
      index ??= open();
      const found = index.find();
      expected = undefined;
      if (!found) return [];
      const longest = Math.min(options.draftTokens, most);
      const tokens = follow(index, found, longest);
      const accepts = (at: number) => rates.of(found.length + at).value;
      const drafted = options.adaptive
        ? draftLength({ accepts, times: isSampled ? assumedTimes : times, draftTime: 0 }, longest)
        : tokens.length;
      expected = { match: found.length, tokens, drafted, confirmed: 0 };
      count.addDrafted(drafted);
      return tokens.slice(0, drafted);
    },
    forward: (input, next) => times.measure(input, next),
    commit(tokens) {
      for (const token of tokens) {
        confirm(token);
        index?.append(token);
      }
    },
    rollback(taken) {
      expected = undefined;
      for (let i = 0; i < taken; i++) index?.pop();
    },
    nextTurn: (later) =>
      lookUp(later, options, {
        earlier: [...earlier, [...run.prompt.original.ids], [...run.generated]],
        rates,
        times,
      }),
    fork: (copy) => lookUp(copy, options, { earlier, rates, times }),
  };
}

/**
 * Returns the tokens after an occurrence. A repetition that reaches the end of the text goes on
 * repeating.
 */
function follow(index: NgramIndex, { next }: Occurrence, most: number): number[] {
  const tokens: number[] = [];
  while (tokens.length < most) {
    const at = next + tokens.length;
    tokens.push(at < index.length ? index.at(at) : tokens[at - index.length]);
  }
  return tokens;
}
