import {
  type Choice,
  type Distribution,
  deadEnd,
  type Hooks,
  type Middleware,
  parseOptions,
  type Run,
} from '@pliant/core';
import { z } from 'zod';
import { awrs } from './awrs.js';
import type { Constraint } from './constraint.js';
import { endExactly } from './end-exactly.js';
import { tokenBytes } from './token-bytes.js';

const constraintSchema = z.custom<Constraint>(
  (value) =>
    ['start', 'advance', 'canEnd'].every(
      (method) => typeof (value as Record<string, unknown> | null)?.[method] === 'function',
    ),
  'is a constraint such as regex(/[0-9]+/) or predicate((text) => ...)',
);

/**
 * Output that satisfies a constraint, distributed as the model's own output given that each token can be continued to satisfy it:
 * tokens by AWRS, which tests two or three tokens a step instead of the vocabulary, and `result.logWeight`, which corrects the rest:
 * the mean of its exp over seeds, dead ends and cut texts counted as 0, is the probability that the model alone satisfies the constraint.
 * The text ends only where the constraint allows it; where no token is allowed the run ends as `'dead-end'`; one that is cut by
 * `maxNewTokens` or `stop` may be unfinished. Control tokens are never allowed, nor tokens without bytes.
 * Temperature, top-k, top-p and min-p come first: what they leave is what is constrained.
 *
 * ```ts
 * import { pipeline } from '@pliant/core';
 * import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
 * import { constrain, regex } from '@pliant/constrain';
 *
 * const stack = pipeline(mockDecoder(), { tokenizer: mockTokenizer() }).use(
 *   constrain(regex(/\d{4}-\d{2}-\d{2}/)),
 * );
 * console.log((await stack.generate({ text: 'Today is ' })).text);
 * ```
 * Metrics: `checks` (tokens tested), `rejected`, `checksPerToken` (mean).
 * @throws InvalidOptionsError when `constraint` is none
 */
export function constrain<State>(constraint: Constraint<State>): Middleware<'constrain'> {
  parseOptions('constrain', constraintSchema, constraint);
  return {
    specificationVersion: 'v1',
    name: 'constrain',
    requires: [],
    create: (run) => constrained(constraint, run, [constraint.start()]),
  };
}

/** @param states of the text after each accepted token, that of the empty text first; undefined: nothing satisfies the constraint */
function constrained<State>(
  constraint: Constraint<State>,
  run: Run,
  states: (State | undefined)[],
): Hooks {
  const { endOfText } = run.tokenizer;
  const bytesOf = tokenBytes(run.tokenizer);
  let choices = 0;
  let checks = 0;
  let rejected = 0;
  /** The last token allowed in this step and the state after it: mostly the one committed. */
  let allowed: { readonly from: State; readonly token: number; readonly state: State } | undefined;

  function after(state: State, token: number): State | undefined {
    if (endOfText.has(token)) return constraint.canEnd(state) ? state : undefined;
    const bytes = bytesOf(token);
    return bytes && constraint.advance(state, bytes);
  }

  function decide(state: State, distribution: Distribution, first: Choice): Choice {
    if (first.logWeight !== 0 && first !== deadEnd)
      throw new Error(
        `a 'choose' hook installed after this one weighted its token (${first.logWeight}); constraints need plain draws. Install it alone`,
      );
    if (constraint.mustEnd?.(state))
      return endExactly(distribution, endOfText, run.random, first.token);
    const accept = (token: number) => {
      checks++;
      const next = after(state, token);
      if (next === undefined) rejected++;
      // The first one allowed is the one returned.
      else allowed ??= { from: state, token, state: next };
      return next !== undefined;
    };
    return awrs(distribution, accept, run.random, first.token);
  }

  function report(choice: Choice): Choice {
    choices++;
    run.emit('checks', checks);
    run.emit('rejected', rejected);
    run.emit('checksPerToken', checks / choices);
    if (choice.token < 0)
      run.warn({
        type: 'other',
        feature: 'constraint',
        details: `no token that top-k, top-p and min-p left is allowed after ${states.length - 1} tokens by ${constraint.name}`,
      });
    return choice;
  }

  return {
    choose(distribution, next) {
      const state = states[states.length - 1];
      allowed = undefined;
      const first = next(distribution);
      if (state === undefined) return report(deadEnd);
      return first instanceof Promise
        ? first.then((choice) => report(decide(state, distribution, choice)))
        : report(decide(state, distribution, first));
    },
    commit(tokens) {
      for (const token of tokens) {
        const state = states[states.length - 1];
        if (state === undefined) states.push(undefined);
        else if (allowed?.from === state && allowed.token === token) states.push(allowed.state);
        else states.push(after(state, token));
      }
    },
    rollback(count) {
      states.length -= count;
    },
    fork: (copy) => constrained(constraint, copy, [...states]),
  };
}
