import { runChoose } from './choose.js';
import type { ForwardInput, ForwardOutput } from './decoder.js';
import { applyEdits, collectEdits } from './edit-cache.js';
import { MiddlewareError, StateError } from './errors.js';
import { guard } from './guard.js';
import { runOnion } from './onion.js';
import { penalise } from './repetition-penalty.js';
import { truncateCache } from './truncate-cache.js';
import { type ActiveTurn, layersOf, type RunForward, type Turn } from './turn.js';

/** One step: the first token from the prompt's logits, later ones from a forward over the last token and what was proposed. */
export async function decodeStep(active: ActiveTurn, runForward: RunForward): Promise<void> {
  const { turn, stack } = active;
  const { tokens, maxNewTokens, signal } = turn.state;
  signal.throwIfAborted();
  if (tokens.length === 0) return chooseFrom(active, turn.promptLogits.slice());
  const position = turn.promptEnd + tokens.length - 1;
  const { maxPositions } = stack.decoder.shape;
  const { nextRotaryPosition } = active.sequence.cache;
  if (nextRotaryPosition >= maxPositions) {
    turn.state.warn({
      type: 'other',
      feature: 'context',
      middleware: 'pipeline',
      details: `the context of ${maxPositions} positions is full`,
    });
    turn.finishReason = 'length';
    return;
  }
  const room = Math.min(maxNewTokens - tokens.length, maxPositions - nextRotaryPosition) - 1;
  await verify(active, runForward, position, room > 0 ? await propose(active, position, room) : []);
}

/** What the first middleware proposes that has something to propose; nothing it wrote stays. */
async function propose(
  { turn, stack, sequence }: ActiveTurn,
  position: number,
  room: number,
): Promise<readonly number[]> {
  const { signal, tokens } = turn.state;
  for (const { name, hooks } of turn.installed) {
    if (!hooks.propose) continue;
    const drafted = await guard(name, 'propose', tokens.length, () =>
      hooks.propose!((input) => sequence.forward({ signal, ...input }), room),
    );
    if (sequence.cache.nextPosition > position) truncateCache(sequence, position);
    const { vocabulary } = stack.decoder.shape;
    const wrong = drafted.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (wrong !== undefined)
      throw new MiddlewareError(
        name,
        'propose',
        tokens.length,
        `proposed token ${wrong}, outside of the vocabulary (0 to ${vocabulary - 1})`,
      );
    if (drafted.length > 0) return drafted.slice(0, room);
  }
  return [];
}

/** Feeds the last token and those drafted in one forward, then chooses row by row until a choice differs from the draft. */
async function verify(
  active: ActiveTurn,
  runForward: RunForward,
  position: number,
  drafted: readonly number[],
): Promise<void> {
  const { turn, stack, sequence } = active;
  const { signal, tokens } = turn.state;
  const ids = Int32Array.of(tokens[tokens.length - 1], ...drafted);
  const output = await runOnion<ForwardInput, ForwardOutput>(
    layersOf(turn, (hooks) => hooks.forward?.bind(hooks)),
    async (input) => {
      if (input.ids.length !== ids.length || ids.some((id, i) => input.ids[i] !== id))
        throw new StateError('a forward hook changed the tokens to read');
      return runForward(sequence, input);
    },
    { ids, signal, ...(drafted.length > 0 && { want: { logits: 'all' } }) },
    { name: 'forward', step: tokens.length },
  );
  const { vocabulary } = stack.decoder.shape;
  let row = 0;
  for (; row <= drafted.length; row++) {
    await chooseFrom(active, output.logits.subarray(row * vocabulary, (row + 1) * vocabulary));
    if (turn.finishReason !== undefined || tokens[tokens.length - 1] !== drafted[row]) break;
  }
  if (row < drafted.length) truncateCache(sequence, position + row + 1);
  applyEdits(active, collectEdits(active, output, 'decode'), 'decode');
}

/** Adjusts, truncates and normalises the logits in place, then chooses and accepts a token. */
async function chooseFrom({ turn, distribution }: ActiveTurn, logits: Float32Array): Promise<void> {
  const { state, installed, options } = turn;
  const step = state.tokens.length;
  if (options.repetitionPenalty !== 1) {
    turn.seen ??= new Set([...state.kept.ids, ...state.tokens]);
    penalise(logits, turn.seen, options.repetitionPenalty);
  }
  for (const { name, hooks } of installed)
    guard(name, 'adjust', step, () => hooks.adjust?.(logits));
  distribution.load(logits, options);
  const chosen = runChoose(installed, distribution, turn.draw, step);
  const choice = chosen instanceof Promise ? await chosen : chosen;
  if (choice.token < 0) turn.finishReason = 'dead-end';
  else accept(turn, choice.token, choice.logWeight);
}

function accept(turn: Turn, token: number, logWeight: number): void {
  const { state, installed } = turn;
  state.tokens.push(token);
  turn.logWeights.push(logWeight);
  turn.seen?.add(token);
  const stopped = turn.text.push(token);
  for (const { name, hooks } of installed)
    guard(name, 'commit', state.tokens.length - 1, () => hooks.commit?.([token]));
  if (stopped || state.tokenizer.endOfText.has(token) || state.stopReason !== undefined)
    turn.finishReason = 'stop';
  else if (state.tokens.length >= state.maxNewTokens) turn.finishReason = 'length';
}
