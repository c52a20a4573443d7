import type { Hooks, Run } from '@pliant/core';
import { accepts } from '../contract/accepts.js';
import type { AsyncConstraint } from '../contract/constraint.js';
import { Closing } from './closing.js';
import type { ConstrainSettings } from './constrain-options.js';
import { JumpForward } from './jump-forward.js';
import type { TextStates } from './text-states.js';
import { TokenChooser } from './token-chooser.js';

/** What `constrain` was given. */
interface Options<State, Value> {
  readonly constraint: AsyncConstraint<State, Value>;
  readonly settings: ConstrainSettings;
}

/** What a fork takes over. */
interface Memory<State> {
  readonly states: TextStates<State>;
  /** The completion of the text so far, if `onLength` asks for one; undefined at the beginning. */
  readonly closing: Closing<State> | undefined;
}

/** The hooks of `constrain` in one generation. */
export function constrainText<State, Value>(
  run: Run,
  options: Options<State, Value>,
  memory: Memory<State>,
): Hooks<Value> {
  const { constraint, settings } = options;
  const states = memory.states.copy(run.tokenizer);
  const closing =
    settings.onLength === 'complete'
      ? (memory.closing?.copy(run) ?? new Closing(constraint, run))
      : undefined;
  const jump = settings.jumpForward ? new JumpForward(constraint, run) : undefined;
  const chooser = new TokenChooser({ run, constraint, settings, states, closing });

  /**
   * Whether a text ended as the constraint allows: by an end token, or because something else ended
   * it at a point where the constraint may end.
   */
  const isWhole = (text: string) =>
    run.tokenizer.endOfText.has(run.generated[run.generated.length - 1]) ||
    accepts(constraint, text) === true;

  return {
    choose: (distribution, next) => chooser.choose(distribution, next),
    ...(jump && {
      propose: async (_draft, most) =>
        jump.propose(await states.current, most, closing?.tokensFrom(states.tokens)),
    }),
    commit(tokens) {
      for (const token of tokens) {
        states.append(token);
        jump?.commit(token);
      }
    },
    rollback(count) {
      states.takeBack(count);
      closing?.rollback(states.tokens);
    },
    fork: (copy) => constrainText(copy, options, { states, closing }),
    value: (text) => (constraint.value && isWhole(text) ? constraint.value(text) : undefined),
    end({ finishReason, tokens }) {
      if (finishReason !== 'length') return;
      const state = states.current;
      const mayEnd =
        state !== undefined && !(state instanceof Promise) && constraint.canEnd(state) === true;
      if (mayEnd && !constraint.value) return;
      run.warn({
        type: 'other',
        feature: 'constraint',
        details: `the text was cut after ${tokens.length} tokens${
          mayEnd ? '' : `, unfinished by ${constraint.name}`
        }; it has no value. Give it more tokens, or let it be completed (onLength: 'complete')`,
      });
    },
  };
}
