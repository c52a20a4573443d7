import { checkLogits } from '../checks/check-logits.js';
import { verificationNeeds } from '../contract/capability.js';
import type { ForwardInput, ForwardOutput } from '../contract/decoder.js';
import { MiddlewareError, StateError } from '../contract/errors.js';
import type { DrawnTokens } from '../contract/middleware.js';
import { penalise } from '../sampling/repetition-penalty.js';
import { type DraftedToken, drawSpeculatively } from '../sampling/speculative-draw.js';
import { guard } from '../turn/guard.js';
import {
  checkResult,
  forwardInputSchema,
  forwardOutputSchema,
  proposalSchema,
} from '../turn/hook-results.js';
import { runOnion } from '../turn/onion.js';
import { type ActiveTurn, layersOf, type RunForward, type Turn } from '../turn/turn.js';
import { runChoose } from './choose.js';
import { applyEdits, collectEdits } from './edit-cache.js';
import { truncateCache } from './truncate-cache.js';

/**
 * One step: the first token from the prompt's logits, later ones from a forward over the last token
 * and what was proposed.
 */
export async function decodeStep(active: ActiveTurn, runForward: RunForward): Promise<void> {
  const { given, answer, live } = active.turn;
  const { tokens, promptEnd, promptLogits } = answer;
  given.signal.throwIfAborted();
  if (tokens.length === 0) return chooseFrom(active, promptLogits.slice());
  const position = promptEnd + tokens.length - 1;
  const { capabilities, shape } = given.stack.decoder;
  const { maxPositions } = shape;
  const { nextRotaryPosition } = active.sequence.cache;
  if (nextRotaryPosition >= maxPositions) {
    live.warn({
      type: 'other',
      feature: 'context',
      middleware: 'pipeline',
      details: `the context of ${maxPositions} positions is full${capabilities.has('positions.renumber') ? "; kvDrop({ every, positions: 'renumber', ... }) of @pliant/kv-drop goes on beyond it" : ''}`,
    });
    answer.finishReason = 'length';
    return;
  }
  const limits = live.installed.flatMap(
    ({ name, hooks }) =>
      guard(name, 'proposalRoom', tokens.length, () =>
        hooks.proposalRoom?.(active.sequence.cache),
      ) ?? [],
  );
  const most = Math.min(
    given.options.maxNewTokens - tokens.length - 1,
    maxPositions - nextRotaryPosition - 1,
    ...limits,
  );
  const drafted = most > 0 ? await propose(active, position, most) : undrafted;
  await verify(active, runForward, position, drafted);
}

/** Distributions are absent where the draft is compared with what is chosen. */
interface Drafted {
  readonly tokens: readonly number[];
  readonly distributions?: DrawnTokens['distributions'];
}

const undrafted: Drafted = { tokens: [] };

/**
 * Asks each middleware in turn and returns the first non-empty proposal. Rows that drafting wrote
 * are truncated.
 */
async function propose(
  { turn, sequence }: ActiveTurn,
  position: number,
  most: number,
): Promise<Drafted> {
  const { stack, signal } = turn.given;
  const { tokens } = turn.answer;
  const { capabilities } = stack.decoder;
  if (!verificationNeeds.every((capability) => capabilities.has(capability))) return undrafted;
  for (const { name, hooks } of turn.live.installed) {
    if (!hooks.propose) continue;
    const proposed = await guard(name, 'propose', tokens.length, () =>
      hooks.propose!((input) => sequence.forward({ signal, ...input }), most),
    );
    const call = { middleware: name, phase: 'propose', step: tokens.length };
    checkResult(proposalSchema, proposed, call);
    const drafted: Drafted = 'tokens' in proposed ? proposed : { tokens: proposed };
    if (sequence.cache.nextPosition > position) truncateCache(sequence, position);
    const wrong = findWrong(drafted, stack.decoder.shape.vocabulary);
    if (wrong !== undefined) throw new MiddlewareError(name, 'propose', tokens.length, wrong);
    if (drafted.tokens.length > 0) return { ...drafted, tokens: drafted.tokens.slice(0, most) };
  }
  return undrafted;
}

/** Describes what is wrong with a proposal; undefined if nothing is. */
function findWrong({ tokens, distributions }: Drafted, vocabulary: number): string | undefined {
  const outside = tokens.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (outside !== undefined)
    return `proposed token ${outside}, outside of the vocabulary (0 to ${vocabulary - 1})`;
  if (!distributions) return undefined;
  if (distributions.length !== tokens.length)
    return `proposed ${tokens.length} tokens with ${distributions.length} distributions; give one for each`;
  const undrawn = tokens.find((id, at) => !(distributions[at].logProbability(id) > -Infinity));
  if (undrawn !== undefined)
    return `proposed token ${undrawn} with a distribution that cannot have given it`;
  return undefined;
}

/**
 * Feeds the last token and those drafted in one forward, then chooses row by row until a choice
 * differs from the draft.
 */
async function verify(
  active: ActiveTurn,
  runForward: RunForward,
  position: number,
  { tokens: drafted, distributions }: Drafted,
): Promise<void> {
  const { turn, sequence } = active;
  const { stack, signal } = turn.given;
  const { tokens } = turn.answer;
  const ids = Int32Array.of(tokens[tokens.length - 1], ...drafted);
  const stepwise = stack.needs.includes('logits.stepwise');
  const output = await runOnion<ForwardInput, ForwardOutput>(
    layersOf(turn, (hooks) => hooks.forward?.bind(hooks)),
    async (input) => {
      if (input.ids.length !== ids.length || ids.some((id, i) => input.ids[i] !== id))
        throw new StateError('a forward hook changed the tokens to read');
      return runForward(sequence, input);
    },
    {
      ids,
      signal,
      ...(drafted.length > 0 && { want: { logits: 'all', ...(stepwise && { stepwise }) } }),
    },
    {
      name: 'forward',
      step: tokens.length,
      takes: forwardInputSchema,
      returns: forwardOutputSchema,
    },
  );
  const { vocabulary } = stack.decoder.shape;
  let row = 0;
  for (; row <= drafted.length; row++) {
    const logits = output.logits.subarray(row * vocabulary, (row + 1) * vocabulary);
    const distribution = distributions?.[row];
    await chooseFrom(active, logits, distribution && { token: drafted[row], distribution });
    if (turn.answer.finishReason !== undefined || tokens[tokens.length - 1] !== drafted[row]) break;
  }
  if (row < drafted.length) truncateCache(sequence, position + row + 1);
  applyEdits(active, collectEdits(active, output, 'decode'), 'decode');
}

/**
 * Loads a step's logits, changed in place by the penalty and the middlewares.
 * @throws LogitsError, MiddlewareError
 */
function loadLogits({ turn, distribution }: ActiveTurn, logits: Float32Array): void {
  const { given, answer, live } = turn;
  const { stack, options } = given;
  const step = answer.tokens.length;
  const source = { decoder: stack.decoder.id, position: answer.promptEnd + step - 1 };
  const adjusting = live.installed.filter(({ hooks }) => hooks.adjust);
  const isPenalised = options.repetitionPenalty !== 1;
  const isChanged = isPenalised || adjusting.length > 0;
  // Looked at before others write into them; where nobody does, loading tells.
  if (isChanged) checkLogits(logits, source);
  if (isPenalised) {
    live.seen ??= new Set([...given.earlier, ...answer.kept.ids, ...answer.tokens]);
    penalise(logits, live.seen, options.repetitionPenalty);
  }
  for (const { name, hooks } of adjusting) guard(name, 'adjust', step, () => hooks.adjust!(logits));
  if (distribution.load(logits, options)) return;
  if (!isChanged) checkLogits(logits, source);
  else if (logits.some(Number.isNaN))
    throw new MiddlewareError(
      adjusting.map(({ name }) => name).join("' or '"),
      'adjust',
      step,
      'wrote a logit that is NaN; to forbid a token write -Infinity',
    );
}

/**
 * Chooses from logits, which are changed, and accepts the token. @param draft drawn for its place
 */
async function chooseFrom(
  active: ActiveTurn,
  logits: Float32Array,
  draft?: DraftedToken,
): Promise<void> {
  const { turn, distribution } = active;
  const { answer, live } = turn;
  const { installed, draw } = live;
  const step = answer.tokens.length;
  loadLogits(active, logits);
  // A middleware that replaces the draw replaces the rejection sampler too.
  const speculates =
    draft && turn.given.options.temperature > 0 && !installed.some(({ hooks }) => hooks.choose);
  const chosen = speculates
    ? { token: drawSpeculatively(distribution, draft, draw), logWeight: 0 }
    : runChoose(installed, distribution, draw, step);
  const choice = chosen instanceof Promise ? await chosen : chosen;
  if (choice.token < 0) answer.finishReason = 'dead-end';
  else accept(turn, choice.token, choice.logWeight);
}

function accept({ given, answer, live }: Turn, token: number, logWeight: number): void {
  const { stack, options } = given;
  const { tokens } = answer;
  tokens.push(token);
  answer.logWeights.push(logWeight);
  live.seen?.add(token);
  const stopped = answer.text.push(token);
  for (const { name, hooks } of live.installed)
    guard(name, 'commit', tokens.length - 1, () => hooks.commit?.([token]));
  if (stopped || stack.tokenizer.endOfText.has(token) || answer.stopReason !== undefined)
    answer.finishReason = 'stop';
  else if (tokens.length >= options.maxNewTokens) answer.finishReason = 'length';
}
