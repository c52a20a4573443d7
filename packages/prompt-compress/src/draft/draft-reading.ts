import { type EncodedPrompt, PromptError, type Tokenizer } from '@pliant/core';
import type { ParsedSelection } from '../options/selection-options.js';
import type { Question } from '../select/question.js';
import { mapScores } from './map-scores.js';

/** The prompt as the draft reads it. */
export interface DraftReading {
  /** [m], ids of the draft's vocabulary. */
  readonly ids: Int32Array;
  /** [rows], 0 to 1: how much the attention of its last tokens counts. */
  readonly rowWeights: Float32Array;
  /** [m] scores of the draft's tokens as [n] scores of the prompt's. */
  toPrompt(score: Float64Array): Float64Array;
}

/** A prompt as it is put to the draft. */
export interface Asked {
  readonly prompt: Pick<EncodedPrompt, 'ids'>;
  /** [rows], 0 to 1: how much the attention of its last tokens counts. */
  readonly rowWeights: Float32Array;
  /** Leaves out the scores of what was added. */
  toPrompt(score: Float64Array): Float64Array;
}

/** Lets the questions ask; where there are none, the window. */
export function ask(
  prompt: EncodedPrompt,
  questions: readonly Question[],
  tokenizer: Tokenizer,
  options: Pick<ParsedSelection, 'window' | 'weightedQuery'>,
): Asked {
  return questions.length > 0
    ? askByQuestions(prompt, questions, tokenizer)
    : askByWindow(prompt, options);
}

/** Row t of the window counts t / (window - 1) times where they are weighted. A single row is not. */
function askByWindow(
  prompt: EncodedPrompt,
  { window, weightedQuery }: Pick<ParsedSelection, 'window' | 'weightedQuery'>,
): Asked {
  const rowWeights = Float32Array.from({ length: window }, (_, t) =>
    weightedQuery && window > 1 ? t / (window - 1) : 1,
  );
  return { prompt, rowWeights, toPrompt: (score) => score };
}

/** Those that do not stand at the end are put once more after the last message. */
function askByQuestions(
  prompt: EncodedPrompt,
  questions: readonly Question[],
  tokenizer: Tokenizer,
): Asked {
  const { ids, spans } = prompt;
  const length = ids.length;
  const again = questions.filter(({ isAtEnd }) => !isAtEnd);
  const at = Math.max(spans.at(-1)?.to ?? length, ...questions.map(({ to }) => to));
  const gap = again.length > 0 ? tokenizer.encode('\n\n') : [];
  const added = again.flatMap(({ from, to }) => [...gap, ...ids.subarray(from, to)]);
  const first = Math.min(at, ...questions.filter(({ isAtEnd }) => isAtEnd).map(({ from }) => from));
  const rowWeights = new Float32Array(length + added.length - first);
  for (const { from, to, isAtEnd } of questions)
    if (isAtEnd) rowWeights.fill(1, from - first, to - first);
  let begin = at - first;
  for (const { from, to } of again) {
    begin += gap.length;
    rowWeights.fill(1, begin, begin + to - from);
    begin += to - from;
  }
  return {
    prompt: { ids: Int32Array.from([...ids.subarray(0, at), ...added, ...ids.subarray(at)]) },
    rowWeights,
    toPrompt: (score) =>
      Float64Array.from([...score.subarray(0, at), ...score.subarray(at + added.length)]),
  };
}

/** A draft with the vocabulary of the prompt reads its ids. */
export function readAsGiven({
  prompt,
  rowWeights,
}: Pick<Asked, 'prompt' | 'rowWeights'>): DraftReading {
  return { ids: prompt.ids, rowWeights, toPrompt: (score) => score };
}

/**
 * A draft with another tokenizer reads its own encoding of the same text: that which the target's chat template rendered, control tokens spelled
 * out. A token of it counts as much as the one that counts most of those of the prompt that it shares a byte with.
 * @throws PromptError where the prompt's tokens are no valid UTF-8
 */
export function readAnew(
  { prompt, rowWeights }: Pick<Asked, 'prompt' | 'rowWeights'>,
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
  const weights = new Float64Array(ends.length);
  weights.set(rowWeights, ends.length - rowWeights.length);
  const windowFrom = ends[ends.length - 1 - rowWeights.length] ?? 0;
  const firstRow = draftEnds.findIndex((end) => end > windowFrom);
  return {
    ids,
    rowWeights: Float32Array.from(mapScores(weights, ends, draftEnds, 'max').subarray(firstRow)),
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
