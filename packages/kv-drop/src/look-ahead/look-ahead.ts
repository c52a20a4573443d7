import {
  type Decoder,
  type Forward,
  type ForwardInput,
  type ForwardOutput,
  PromptError,
  type Run,
  warnOfEarlyExit,
} from '@pliant/core';
import { lookaheadTokens } from './lookahead-tokens.js';
import { type LookaheadOptions, readThenWrite, reportLookahead } from './self-draft.js';
import { writeGreedily } from './write-greedily.js';
import { tokensWrittenAhead } from './written-ahead.js';

/**
 * Runs a prefill with a look-ahead whose rows are scored together with the prompt's. A draft writes
 * it first, and it is read with the prompt. The decoder itself writes it after the prompt that it
 * has just read. In either case the pipeline drops its rows.
 *
 * Metrics: `lookaheadTokens`, and `lookaheadMs`: the time of the draft, or of the decoder's steps
 * after the prompt.
 *
 * @throws PromptError for a prompt longer than the draft's context
 */
export async function readAhead(
  input: ForwardInput,
  next: Forward,
  draft: Forward,
  options: LookaheadOptions,
): Promise<ForwardOutput> {
  const { run, lookahead } = options;
  const { position, compressed } = run.prompt;
  const room = run.decoder.shape.maxPositions - position - input.ids.length;
  // A prompt longer than the context is renumbered as it is read, so its end leaves room.
  const fitting = (tokens: number) => (room > 0 ? Math.min(tokens, room) : tokens);
  const given = lookahead.written && tokensWrittenAhead(options.name, run);
  if (given) {
    const written = given.slice(0, fitting(lookahead.tokens ?? given.length));
    reportLookahead(run, written.length, 0);
    return readWith(written, input, next, options);
  }
  const asked = lookaheadTokens(lookahead, run);
  const other = lookahead.draft === run.decoder ? undefined : lookahead.draft;
  if (!other) {
    const beyond = input.ids.length - compressed.ids.length;
    return readThenWrite(withScores(input, options, beyond), next, draft, asked, options);
  }

  const tokens = fitting(asked);
  if (position > 0)
    run.warn({
      type: 'degraded',
      feature: 'draft in a later turn',
      details: `draft '${other.id}' has not read the earlier turns, so nothing is written ahead; leave the draft out, and the decoder writes for itself`,
    });
  const started = performance.now();
  const written = position > 0 || tokens < 1 ? [] : await write(run, other, compressed.ids, tokens);
  reportLookahead(run, written.length, performance.now() - started);
  return readWith(written, input, next, options);
}

/** Reads the prompt and the look-ahead after it, both scored. */
function readWith(
  written: readonly number[],
  input: ForwardInput,
  next: Forward,
  options: LookaheadOptions,
): Promise<ForwardOutput> {
  const ids = new Int32Array(input.ids.length + written.length);
  ids.set(input.ids);
  ids.set(written, input.ids.length);
  const beyond = ids.length - options.run.prompt.compressed.ids.length;
  return next(withScores({ ...input, ids }, options, beyond));
}

/**
 * Has another decoder write after the prompt. Its sequence is closed before the target's prefill.
 */
async function write(run: Run, draft: Decoder, ids: Int32Array, tokens: number): Promise<number[]> {
  const { maxPositions } = draft.shape;
  if (ids.length > maxPositions)
    throw new PromptError(
      `prompt has ${ids.length} tokens, but draft '${draft.id}' reads at most ${maxPositions}; give another draft, or none`,
    );
  warnOfEarlyExit(run, draft, 'leave the draft out, and the decoder writes for itself');
  const sequence = await run.open(draft);
  try {
    // The last written token is not read.
    const most = Math.min(tokens, maxPositions - ids.length + 1);
    return await writeGreedily(draft, sequence, ids, most, run.tokenizer.endOfText, run.signal);
  } finally {
    sequence.close();
  }
}

/** @param beyond number of rows after the prompt's that are scored too */
function withScores(
  input: ForwardInput,
  { name, request }: LookaheadOptions,
  beyond: number,
): ForwardInput {
  const scores = {
    ...input.want?.scores,
    [name]: { ...request, rows: request.rows + beyond },
  };
  return { ...input, want: { ...input.want, scores } };
}
