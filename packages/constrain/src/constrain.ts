import { type Middleware, parseArguments, parseOptions } from '@pliant/core';
import type { AsyncConstraint } from './contract/constraint.js';
import { constraintArgument } from './contract/constraint-schema.js';
import { tokenTrie } from './contract/token-trie.js';
import { constrainText } from './generation/constrain-hooks.js';
import { type ConstrainOptions, constrainOptions } from './generation/constrain-options.js';
import { TextStates } from './generation/text-states.js';

/**
 * Output that satisfies a constraint, distributed as the model's own output given that each token
 * can be continued to satisfy it: tokens by AWRS, which tests two or three tokens a step instead of
 * the vocabulary, and `result.logWeight`, which corrects the rest: the mean of its exp over seeds,
 * dead ends and cut texts counted as 0, is the probability that the model alone satisfies the
 * constraint. The text ends only where the constraint allows it; where no token is allowed the run
 * ends as `'dead-end'`; one that is cut by `maxNewTokens` or `stop` may be unfinished. Control
 * tokens are never allowed, nor tokens without bytes. Temperature, top-k, top-p and min-p come
 * first: what they leave is what is constrained. `result.value` is what the constraint makes of a
 * text that ended as it allows; one that was cut has none, and a warning.
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
 * Metrics: `checks` (tokens tested), `rejected`, `checksPerToken` (mean), `masks` (steps that made
 * one), `maskMs` (mean of these), `constraintMs` (mean of a token, sampling and masks included);
 * with `jumpForward` also `proposed` (tokens) and `forwardsSaved`.
 * @throws InvalidArgumentError if `constraint` is not one; InvalidOptionsError for an option that
 * is wrong or that the sampler does not have
 */
export function constrain<State, Value>(
  constraint: AsyncConstraint<State, Value>,
  options: ConstrainOptions = {},
  // biome-ignore lint/complexity/noBannedTypes: provides nothing
): Middleware<'constrain', never, unknown, {}, Value> {
  parseArguments('constrain', constraintArgument, { constraint });
  const settings = parseOptions('constrain', constrainOptions, options);
  const written: AsyncConstraint<State, Value> = constraint.written
    ? { ...constraint.written, name: constraint.name, value: constraint.value?.bind(constraint) }
    : constraint;
  return {
    specificationVersion: 'v1',
    name: 'constrain',
    requires: [],
    ...(settings.jumpForward && { optional: ['logits.all', 'kv.edit', 'logits.stepwise'] }),
    // Built with the pipeline, once for each tokenizer, rather than by the first text that needs a
    // mask.
    ...(!written.wholeTokens && {
      check: (_, tokenizer) => {
        tokenTrie(tokenizer);
      },
    }),
    create: (run) =>
      constrainText(
        run,
        { constraint: written, settings },
        { states: new TextStates(written, run.tokenizer), closing: undefined },
      ),
  };
}
