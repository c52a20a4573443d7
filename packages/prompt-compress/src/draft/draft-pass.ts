import { type Decoder, PromptError, type Sequence } from '@pliant/core';
import type { ParsedSelection } from '../options/selection-options.js';
import type { DraftReading } from './draft-reading.js';
import { type DraftScores, draftScores } from './draft-scores.js';
import { scoringHeads } from './scoring-heads.js';

/** @throws PromptError if the prompt is longer than the draft's context */
export function checkLength(draft: Decoder, reading: DraftReading, lookahead: number): void {
  const length = reading.ids.length;
  if (length + lookahead - 1 > draft.shape.maxPositions) throw tooLong(draft, length);
}

export function tooLong({ id, shape }: Decoder, length: number): PromptError {
  return new PromptError(
    `prompt has ${length} tokens, but draft '${id}' reads at most ${shape.maxPositions}, its look-ahead included; shorten it, or give another draft`,
  );
}

/**
 * Runs one pass of the draft over the prompt and returns the scores of the prompt's tokens, and
 * what the draft wrote.
 * @param open a sequence of the draft. It is closed right after the pass, since its cache is not
 * needed any more
 */
export async function draftPass(
  open: () => Promise<Sequence>,
  draft: Decoder,
  reading: DraftReading,
  options: Pick<ParsedSelection, 'reduction' | 'lookahead' | 'startLayer' | 'heads'> & {
    readonly endOfText: ReadonlySet<number>;
  },
  signal: AbortSignal,
): Promise<DraftScores> {
  const sequence = await open();
  try {
    const { reduction, lookahead, endOfText } = options;
    const { rowWeights } = reading;
    const heads = scoringHeads(draft, options);
    const scoring = { ...heads, draft, rowWeights, reduction, lookahead, endOfText };
    const { score, written } = await draftScores(sequence, reading.ids, scoring, signal);
    return { score: reading.toPrompt(score), written };
  } finally {
    sequence.close();
  }
}
