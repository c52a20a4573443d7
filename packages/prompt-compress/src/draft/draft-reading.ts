import { type EncodedPrompt, PromptError, type Tokenizer } from '@pliant/core';
import type { ParsedSelection } from '../options/selection-options.js';
import type { Question } from '../select/question.js';
import { mapScores } from './map-scores.js';

/** The prompt as the draft reads it. */
export interface DraftReading {
  /** [m], ids of the draft's vocabulary. */
  readonly ids: Int32Array;
  /** [rows], 0 to 1: the weight of the attention of its last tokens. */
  readonly rowWeights: Float32Array;
  /** Maps [m] scores of the draft's tokens to [n] scores of the prompt's. */
  toPrompt(score: Float64Array): Float64Array;
}

/** A prompt with the questions at its end. */
export interface Asked {
  readonly prompt: Pick<EncodedPrompt, 'ids'>;
  /** [rows], 0 to 1: the weight of the attention of its last tokens. */
  readonly rowWeights: Float32Array;
  /** Removes the scores of tokens that were added. */
  toPrompt(score: Float64Array): Float64Array;
}

/** Puts the questions last, so that their tokens ask. Without questions the window asks. */
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

/**
 * If rows are weighted, row t of the window counts t / (window - 1) times. A single row always
 * counts fully.
 */
function askByWindow(
  prompt: EncodedPrompt,
  { window, weightedQuery }: Pick<ParsedSelection, 'window' | 'weightedQuery'>,
): Asked {
  const rowWeights = Float32Array.from({ length: window }, (_, t) =>
    weightedQuery && window > 1 ? t / (window - 1) : 1,
  );
  return { prompt, rowWeights, toPrompt: (score) => score };
}

/** Repeats the questions that do not stand at the end, after the last message. */
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

/** Lets a draft with the vocabulary of the prompt read its ids. */
export function readAsGiven({
  prompt,
  rowWeights,
}: Pick<Asked, 'prompt' | 'rowWeights'>): DraftReading {
  return { ids: prompt.ids, rowWeights, toPrompt: (score) => score };
}

/**
 * Lets a draft with another tokenizer read its own encoding of the same text: the one that the
 * target's chat template rendered, with control tokens spelled out. A token of the draft gets the
 * largest weight of the prompt's tokens that share a byte with it.
 * @throws PromptError if the prompt's tokens are not valid UTF-8
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
      "the prompt's ids are not valid UTF-8, so a draft with a tokenizer of its own cannot read them; give the prompt as text, or a draft with the same tokenizer",
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

/** Offset after each token in the bytes of all. */
function byteEnds(tokens: readonly Uint8Array[]): Int32Array {
  let end = 0;
  return Int32Array.from(tokens, ({ length }) => {
    end += length;
    return end;
  });
}
