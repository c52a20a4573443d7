import { type EncodedPrompt, PromptError, type Tokenizer } from '@pliant/core';
import { mapScores } from './map-scores.js';
import type { Question } from './question.js';

/** The prompt as the draft reads it. */
export interface DraftReading {
  /** [m], ids of the draft's vocabulary. */
  readonly ids: Int32Array;
  /** Last tokens of these whose attention is the score. */
  readonly window: number;
  /** [m] scores of the draft's tokens as [n] scores of the prompt's. */
  toPrompt(score: Float64Array): Float64Array;
}

/** A prompt as it is put to the draft. */
export interface Asked {
  readonly prompt: Pick<EncodedPrompt, 'ids'>;
  /** Last tokens of it whose attention is the score. */
  readonly window: number;
  /** Leaves out the scores of what was added. */
  toPrompt(score: Float64Array): Float64Array;
}

/** Asks once more after the last message where the question stands before it, since tokens attend to earlier ones only. */
export function askAtEnd(
  prompt: EncodedPrompt,
  window: number,
  question: Question | undefined,
  tokenizer: Tokenizer,
): Asked {
  if (!question) return { prompt, window, toPrompt: (score) => score };
  const { ids, spans } = prompt;
  const at = Math.max(spans.at(-1)?.to ?? 0, question.to);
  const asked = ids.subarray(question.from, question.to);
  const added = [...tokenizer.encode('\n\n'), ...asked];
  const tail = ids.length - at;
  const inWindow = question.isAskedAtEnd
    ? Math.max(window, tail) + added.length
    : asked.length + tail;
  return {
    prompt: { ids: Int32Array.from([...ids.subarray(0, at), ...added, ...ids.subarray(at)]) },
    window: inWindow,
    toPrompt: (score) =>
      Float64Array.from([...score.subarray(0, at), ...score.subarray(at + added.length)]),
  };
}

/** A draft with the vocabulary of the prompt reads its ids. */
export function readAsGiven({ ids }: Pick<EncodedPrompt, 'ids'>, window: number): DraftReading {
  return { ids, window, toPrompt: (score) => score };
}

/**
 * A draft with another tokenizer reads its own encoding of the same text: that which the target's chat template rendered, control tokens spelled
 * out. Its window are those of its tokens that reach into the prompt's window.
 * @throws PromptError where the prompt's tokens are no valid UTF-8
 */
export function readAnew(
  prompt: Pick<EncodedPrompt, 'ids'>,
  window: number,
  tokenizer: Tokenizer,
  draftTokenizer: Tokenizer,
  reduction: 'max' | 'sum',
): DraftReading {
  const tokens = Array.from(prompt.ids, (id) => tokenizer.bytes(id));
  const bytes = Buffer.concat(tokens);
  const text = bytes.toString();
  if (!bytes.equals(Buffer.from(text)))
    throw new PromptError(
      "the prompt's ids are no valid UTF-8, so a draft with a tokenizer of its own cannot read them; give the prompt as text, or a draft with the same tokenizer",
    );
  const ids = draftTokenizer.encode(text);
  const ends = byteEnds(tokens);
  const draftEnds = byteEnds(Array.from(ids, (id) => draftTokenizer.bytes(id)));
  const windowFrom = ends[ends.length - 1 - window] ?? 0;
  return {
    ids,
    window: draftEnds.filter((end) => end > windowFrom).length,
    toPrompt: (score) => mapScores(score, draftEnds, ends, reduction),
  };
}

/** Offset behind each token in the bytes of all. */
function byteEnds(tokens: readonly Uint8Array[]): Int32Array {
  let end = 0;
  return Int32Array.from(tokens, ({ length }) => {
    end += length;
    return end;
  });
}
