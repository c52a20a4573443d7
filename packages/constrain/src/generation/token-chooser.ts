import { type Choice, type Distribution, deadEnd, type Run } from '@pliant/core';
import { AnswersLaterError } from '../contract/answers-later-error.js';
import type { AsyncConstraint } from '../contract/constraint.js';
import { andThen, type MaybePromise } from '../contract/maybe-promise.js';
import { emptyMask, tokenMask } from '../contract/token-mask.js';
import { tokenTrie } from '../contract/token-trie.js';
import { masked } from '../samplers/masked.js';
import type { Closing } from './closing.js';
import type { ConstrainSettings } from './constrain-options.js';
import { ConstraintMeter } from './constraint-meter.js';
import { sampleAllowed } from './sample-allowed.js';
import type { TextStates } from './text-states.js';

/** What the choice of a token needs of one generation. */
export interface ConstrainedText<State> {
  readonly run: Run;
  readonly constraint: AsyncConstraint<State, unknown>;
  readonly settings: ConstrainSettings;
  readonly states: TextStates<State>;
  /** Completes a text that would be cut; undefined where it may be cut. */
  readonly closing: Closing<State> | undefined;
}

/** Draws tokens that a constraint allows, and meters what that took. */
export class TokenChooser<State> {
  readonly #meter: ConstraintMeter;

  constructor(readonly text: ConstrainedText<State>) {
    this.#meter = new ConstraintMeter(text.run);
  }

  choose(
    distribution: Distribution,
    next: (distribution: Distribution) => MaybePromise<Choice>,
  ): MaybePromise<Choice> {
    const first = next(distribution);
    const state = this.text.states.current;
    if (first instanceof Promise || state instanceof Promise)
      return Promise.all([first, state]).then(([drawn, known]) =>
        this.#decide(distribution, drawn, known),
      );
    return this.#decide(distribution, first, state);
  }

  #decide(
    distribution: Distribution,
    first: Choice,
    state: State | undefined,
  ): MaybePromise<Choice> {
    if (first.logWeight !== 0 && first !== deadEnd)
      throw new Error(
        `a 'choose' hook installed after this one weighted its token (${first.logWeight}); constraints need plain draws. Install it alone`,
      );
    const started = performance.now();
    const choice = state === undefined ? deadEnd : this.#choose(distribution, first.token, state);
    return andThen(choice, (chosen) => {
      this.#meter.endStep(performance.now() - started);
      if (chosen.token < 0) this.#warnOfDeadEnd();
      return chosen;
    });
  }

  #choose(distribution: Distribution, first: number, state: State): MaybePromise<Choice> {
    const { closing, states } = this.text;
    const end = closing?.next(states.tokens);
    if (end) return end;
    return andThen(this.#sample(distribution, first, state), (choice) =>
      closing && choice.token >= 0 ? closing.check(states, state, choice) : choice,
    );
  }

  #sample(distribution: Distribution, first: number, state: State): MaybePromise<Choice> {
    const { constraint, settings, states, run } = this.text;
    // The allowed tokens are known: nothing is tested, and the weight is exact.
    if (constraint.mustEnd?.(state))
      return andThen(constraint.canEnd(state), (canEnd) =>
        canEnd ? masked(distribution, this.#withEnds(undefined), run.random, first) : deadEnd,
      );
    return sampleAllowed(distribution, settings, run.random, first, {
      masksUnasked: () => !constraint.wholeTokens && !states.answersLater,
      test: (token) => {
        this.#meter.checks++;
        return andThen(states.test(state, token), (isAllowed) => {
          if (!isAllowed) this.#meter.rejected++;
          return isAllowed;
        });
      },
      mask: () => {
        const begun = performance.now();
        const tokens = tokenMask(constraint, state, tokenTrie(run.tokenizer));
        const canEnd = constraint.canEnd(state);
        if (canEnd instanceof Promise) throw new AnswersLaterError(constraint.name);
        const mask = canEnd ? this.#withEnds(tokens) : tokens;
        this.#meter.endMask(performance.now() - begun);
        return mask;
      },
    });
  }

  /** A copy of the mask in which the text may end, too. */
  #withEnds(tokens: Uint32Array | undefined): Uint32Array {
    const { tokenizer } = this.text.run;
    const mask = tokens ? tokens.slice() : emptyMask(tokenTrie(tokenizer));
    for (const id of tokenizer.endOfText) mask[id >>> 5] |= 1 << (id & 31);
    return mask;
  }

  #warnOfDeadEnd(): void {
    const { run, states, constraint } = this.text;
    run.warn({
      type: 'other',
      feature: 'constraint',
      details: `no token that top-k, top-p and min-p left is allowed after ${states.tokens} tokens by ${constraint.name}`,
    });
  }
}
