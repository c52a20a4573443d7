import {
  type Decoder,
  type Forward,
  type ForwardInput,
  type ForwardOutput,
  PromptError,
  type Run,
  type ScoresRequest,
} from '@pliant/core';
import { JointScores } from './joint-scores.js';
import type { Lookahead } from './policy.js';
import { argmax, writeGreedily } from './write-greedily.js';

export interface ReadAheadOptions {
  readonly run: Run;
  /** The scores are asked for under it. */
  readonly name: string;
  /** Over the prompt's rows; the look-ahead's are added. */
  readonly request: ScoresRequest;
  readonly lookahead: Lookahead;
}

/**
 * Prefill with a look-ahead whose rows are scored together with the prompt's. A draft writes it before, and it is read with the prompt;
 * the decoder itself writes it behind the prompt that it has just read. The pipeline drops its rows in either case.
 *
 * Metrics: `lookaheadTokens`, and `lookaheadMs`: the draft's time, or that of the decoder's steps behind the prompt.
 *
 * @throws PromptError for a prompt longer than the draft's context
 */
export async function readAhead(
  input: ForwardInput,
  next: Forward,
  draft: Forward,
  options: ReadAheadOptions,
): Promise<ForwardOutput> {
  const { run, lookahead } = options;
  const { position, kept } = run.prompt;
  const room = run.decoder.shape.maxPositions - position - input.ids.length;
  const tokens = Math.min(lookahead.tokens ?? run.maxNewTokens, room);
  const other = lookahead.draft === run.decoder ? undefined : lookahead.draft;
  if (!other) return readThenWrite(input, next, draft, tokens, options);

  if (position > 0)
    run.warn({
      type: 'degraded',
      feature: 'draft in a later turn',
      details: `draft '${other.id}' has not read the turns before, so nothing is written ahead; without a draft, the decoder writes for itself`,
    });
  const started = performance.now();
  const written = position > 0 || tokens < 1 ? [] : await write(run, other, kept.ids, tokens);
  report(run, written.length, performance.now() - started);
  const ids = Int32Array.of(...input.ids, ...written);
  return next(withScores({ ...input, ids }, options, ids.length - kept.ids.length));
}

/** @returns what another decoder writes after the prompt; its sequence is closed before the target's prefill */
async function write(run: Run, draft: Decoder, ids: Int32Array, tokens: number): Promise<number[]> {
  const { decoder, tokenizer } = run;
  const { layers, maxPositions } = draft.shape;
  if (ids.length > maxPositions)
    throw new PromptError(
      `prompt has ${ids.length} tokens, but draft '${draft.id}' reads at most ${maxPositions}; give another draft, or none`,
    );
  if (draft.id.startsWith(decoder.id) && layers < decoder.shape.layers)
    run.warn({
      type: 'degraded',
      feature: 'early-exit draft',
      details: `what the first ${layers} of ${decoder.shape.layers} layers write is noise, unless the model was trained to leave early; leave the draft out, and the decoder writes for itself`,
    });
  const sequence = await run.open(draft);
  try {
    // The last token written is not read.
    const most = Math.min(tokens, maxPositions - ids.length + 1);
    return await writeGreedily(sequence, ids, most, tokenizer.endOfText, run.signal);
  } finally {
    sequence.close();
  }
}

async function readThenWrite(
  input: ForwardInput,
  next: Forward,
  draft: Forward,
  tokens: number,
  options: ReadAheadOptions,
): Promise<ForwardOutput> {
  const { run, name, request } = options;
  const wanted = withScores(input, options, input.ids.length - run.prompt.kept.ids.length);
  const output = await next({ ...wanted, want: { ...wanted.want, logits: 'last' } });
  if (tokens < 1) {
    report(run, 0, 0);
    return output;
  }
  const started = performance.now();
  const { kvHeads } = run.decoder.shape;
  const { rows } = wanted.want!.scores![name];
  const joint = new JointScores(output.scores![name], rows, kvHeads, request.reduceRows);
  // Overwritten by the forwards below, and middlewares installed before this one may read them.
  const logits = output.logits.slice();
  const oneRow = { [name]: { ...request, rows: 1 } };
  let written = 0;
  let token = argmax(logits);
  for (;;) {
    const isLast = ++written === tokens || run.tokenizer.endOfText.has(token);
    const want = { logits: isLast ? 'none' : 'last', scores: oneRow } as const;
    const step = await draft({ ids: Int32Array.of(token), layers: input.layers, want });
    joint.addRow(step.scores![name]);
    if (isLast) break;
    token = argmax(step.logits);
  }
  report(run, written, performance.now() - started);
  return { ...output, logits, scores: { ...output.scores, [name]: joint.result(written) } };
}

/** @param beyond rows after the prompt's, which are scored too */
function withScores(
  input: ForwardInput,
  { name, request }: ReadAheadOptions,
  beyond: number,
): ForwardInput {
  const scores = {
    ...input.want?.scores,
    [name]: { ...request, rows: request.rows + beyond },
  };
  return { ...input, want: { ...input.want, scores } };
}

function report(run: Run, tokens: number, milliseconds: number): void {
  run.emit('lookaheadTokens', tokens);
  run.emit('lookaheadMs', milliseconds);
}
