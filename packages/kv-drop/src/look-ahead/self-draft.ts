import type {
  CacheView,
  Forward,
  ForwardInput,
  ForwardOutput,
  Run,
  ScoresRequest,
} from '@pliant/core';
import type { KeptRows } from '../cut/cut-layers.js';
import type { Lookahead } from '../scoring/policy.js';
import { JointScores } from './joint-scores.js';
import { tokenAfter } from './write-greedily.js';

/** Layers that other middlewares skip. The look-ahead skips them too. */
type Gates = Pick<ForwardInput, 'layers' | 'layerScales'>;

export interface LookaheadOptions {
  readonly run: Run;
  /** The middleware's name. Scores are asked for under it. */
  readonly name: string;
  /** For the prompt's rows. The look-ahead's are added. */
  readonly request: ScoresRequest;
  readonly lookahead: Lookahead;
  /**
   * Chooses the best `budget` rows by the prompt's own scores, including the newest. Undefined if
   * there are no more than that.
   */
  readonly reduce: (
    view: CacheView,
    scores: ReadonlyMap<number, Float32Array>,
    budget: number,
  ) => KeptRows | undefined;
}

/**
 * Reads the prompt, then has the decoder write after it. It writes on its own cache, one token and
 * its scores per step. With a budget it writes on a reduced copy, and then reads these tokens in
 * one forward.
 * @param input with the scores of the prompt's own rows
 * @param tokens longest look-ahead; the end of the context may cut it short
 */
export async function readThenWrite(
  input: ForwardInput,
  next: Forward,
  draft: Forward,
  tokens: number,
  options: LookaheadOptions,
): Promise<ForwardOutput> {
  const { run, name, request, lookahead } = options;
  const gates: Gates = { layers: input.layers, layerScales: input.layerScales };
  const output = await next({ ...input, want: { ...input.want, logits: 'last' } });
  const { maxPositions } = run.decoder.shape;
  const most = Math.min(tokens, maxPositions - run.cache!.nextRotaryPosition);
  if (most < 1) {
    reportLookahead(run, 0, 0);
    return output;
  }
  const started = performance.now();
  const scores = output.scores![name];
  const rows = input.want!.scores![name].rows;
  const joint = new JointScores(scores, rows, run.decoder.shape.kvHeads, request.reduceRows);
  // The forwards below overwrite them, and middlewares installed before this one may read them.
  const logits = output.logits.slice();
  const read = async (ids: Int32Array, isLast: boolean): Promise<Float32Array> => {
    const want = {
      logits: isLast ? 'none' : 'last',
      scores: { [name]: { ...request, rows: ids.length } },
    } as const;
    const step = await draft({ ids, ...gates, want });
    joint.add(step.scores![name], ids.length);
    return step.logits;
  };
  const first = tokenAfter(run.decoder, run.cache!, logits);
  const kept = lookahead.budget && options.reduce(run.cache!, scores, lookahead.budget);
  const written = kept
    ? await writeOnCopy(run, kept, first, most, gates)
    : await writeOnWhole(run, first, most, read);
  if (kept) await read(Int32Array.from(written), true);
  reportLookahead(run, written.length, performance.now() - started);
  return { ...output, logits, scores: { ...output.scores, [name]: joint.result(written.length) } };
}

async function writeOnWhole(
  { cache, decoder, tokenizer }: Run,
  first: number,
  most: number,
  read: (ids: Int32Array, isLast: boolean) => Promise<Float32Array>,
): Promise<number[]> {
  const written = [first];
  for (;;) {
    const token = written[written.length - 1];
    const isLast = written.length === most || tokenizer.endOfText.has(token);
    const logits = await read(Int32Array.of(token), isLast);
    if (isLast) return written;
    written.push(tokenAfter(decoder, cache!, logits));
  }
}

async function writeOnCopy(
  run: Run,
  kept: KeptRows,
  first: number,
  most: number,
  gates: Gates,
): Promise<number[]> {
  const keep = (layer: number, kvHead: number) => kept[layer][kvHead];
  const copy = await run.fork({ keep, rowsAhead: most });
  try {
    const written = [first];
    while (written.length < most && !run.tokenizer.endOfText.has(written[written.length - 1])) {
      const ids = Int32Array.of(written[written.length - 1]);
      const { logits } = await copy.forward({ ids, ...gates });
      written.push(tokenAfter(run.decoder, copy.cache, logits));
    }
    return written;
  } finally {
    copy.close();
  }
}

export function reportLookahead(run: Run, tokens: number, milliseconds: number): void {
  run.emit('lookaheadTokens', tokens);
  run.emit('lookaheadMs', milliseconds);
}
