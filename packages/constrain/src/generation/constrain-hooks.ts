import {
  type Choice,
  type Distribution,
  deadEnd,
  type Hooks,
  type Result,
  type Run,
} from '@pliant/core';
import { accepts } from '../contract/accepts.js';
import { AnswersLaterError } from '../contract/answers-later-error.js';
import type { AsyncConstraint } from '../contract/constraint.js';
import { andThen, type MaybePromise } from '../contract/maybe-promise.js';
import { emptyMask, tokenMask } from '../contract/token-mask.js';
import { tokenTrie } from '../contract/token-trie.js';
import { masked } from '../samplers/masked.js';
import { Closing } from './closing.js';
import type { ConstrainSettings } from './constrain-options.js';
import { ConstraintMeter } from './constraint-meter.js';
import { JumpForward } from './jump-forward.js';
import { sampleAllowed } from './sample-allowed.js';
import type { TextStates } from './text-states.js';

/** The hooks of `constrain` in one generation. */
export class ConstrainHooks<State, Value> implements Hooks<Value> {
  readonly propose?: Hooks['propose'];
  readonly #meter: ConstraintMeter;
  readonly #jump: JumpForward<State> | undefined;
  readonly #closing: Closing<State> | undefined;

  constructor(
    readonly constraint: AsyncConstraint<State, Value>,
    readonly settings: ConstrainSettings,
    readonly run: Run,
    readonly states: TextStates<State>,
    closing?: Closing<State>,
  ) {
    this.#meter = new ConstraintMeter(run);
    if (settings.onLength === 'complete') this.#closing = closing ?? new Closing(constraint, run);
    if (!settings.jumpForward) return;
    const jump = new JumpForward(constraint, run);
    this.#jump = jump;
    this.propose = async (_draft, most) =>
      jump.propose(await states.current, most, this.#closing?.tokensFrom(states.tokens));
  }

  choose(
    distribution: Distribution,
    next: (distribution: Distribution) => MaybePromise<Choice>,
  ): MaybePromise<Choice> {
    const first = next(distribution);
    const state = this.states.current;
    if (first instanceof Promise || state instanceof Promise)
      return Promise.all([first, state]).then(([drawn, known]) =>
        this.#decide(distribution, drawn, known),
      );
    return this.#decide(distribution, first, state);
  }

  commit(tokens: readonly number[]): void {
    for (const token of tokens) {
      this.states.append(token);
      this.#jump?.commit(token);
    }
  }

  rollback(count: number): void {
    this.states.takeBack(count);
    this.#closing?.rollback(this.states.tokens);
  }

  fork(run: Run): ConstrainHooks<State, Value> {
    const { constraint, settings, states } = this;
    return new ConstrainHooks(
      constraint,
      settings,
      run,
      states.copy(run.tokenizer),
      this.#closing?.copy(run),
    );
  }

  value(text: string): Value | undefined {
    return this.constraint.value && this.#isWhole(text) ? this.constraint.value(text) : undefined;
  }

  end({ finishReason, tokens }: Result): void {
    if (finishReason !== 'length') return;
    const state = this.states.current;
    const isWhole =
      state !== undefined && !(state instanceof Promise) && this.constraint.canEnd(state) === true;
    if (isWhole && !this.constraint.value) return;
    this.run.warn({
      type: 'other',
      feature: 'constraint',
      details: `the text was cut after ${tokens.length} tokens${
        isWhole ? '' : `, unfinished by ${this.constraint.name}`
      }; it has no value. Give it more tokens, or let it be completed (onLength: 'complete')`,
    });
  }

  /**
   * Whether a text ended as the constraint allows: by an end token, or because something else ended
   * it at a point where the constraint may end.
   */
  #isWhole(text: string): boolean {
    const { generated, tokenizer } = this.run;
    const last = generated[generated.length - 1];
    return tokenizer.endOfText.has(last) || accepts(this.constraint, text) === true;
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
    const closing = this.#closing?.next(this.states.tokens);
    if (closing) return closing;
    return andThen(this.#sample(distribution, first, state), (choice) =>
      this.#closing && choice.token >= 0 ? this.#closing.check(this.states, state, choice) : choice,
    );
  }

  #sample(distribution: Distribution, first: number, state: State): MaybePromise<Choice> {
    const { constraint, settings, states, run } = this;
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
    const { tokenizer } = this.run;
    const mask = tokens ? tokens.slice() : emptyMask(tokenTrie(tokenizer));
    for (const id of tokenizer.endOfText) mask[id >>> 5] |= 1 << (id & 31);
    return mask;
  }

  #warnOfDeadEnd(): void {
    this.run.warn({
      type: 'other',
      feature: 'constraint',
      details: `no token that top-k, top-p and min-p left is allowed after ${this.states.tokens} tokens by ${this.constraint.name}`,
    });
  }
}
