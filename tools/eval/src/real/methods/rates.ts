import type { Decoder } from '@pliant/core';
import { mean } from '@pliant/shared/statistics';
import type { Asked, Part, Rate } from './keep-best-parts.js';
import { surprisals } from './surprisals.js';
import { wordOverlap } from './word-overlap.js';

/** Parts that share the question's words. */
export const byWords: Rate =
  async ({ question }) =>
  (parts) =>
    wordOverlap(
      question,
      parts.map(({ text }) => text),
    );

/** Parts near the document's beginning or end. */
export const byEnds: Rate =
  async ({ from, ids }) =>
  (parts) =>
    parts.map((part) => -Math.min(part.from - from, from + ids.length - part.to));

/** Any parts, by the run's seed. */
export const byChance: Rate =
  async ({ run }) =>
  (parts) =>
    parts.map(() => run.random());

/** Surprisals of the document's tokens in nats, after a question and an empty line. */
export type Reader = (asked: Asked, question: string) => Promise<Float64Array>;

/**
 * A reader that remembers, since several methods, questions and lengths share a document.
 * @param model writes, so not the first layers of one; needs `logits.all` and has the vocabulary of
 * the prompt
 */
export function rememberingReader(model: Decoder): Reader {
  const known = new Map<string, Float64Array>();
  return async ({ run, ids }, question) => {
    const key = JSON.stringify([question, [...ids]]);
    const found = known.get(key);
    if (found) return found;
    const sequence = await run.open(model, ['logits.all']);
    try {
      const context = run.tokenizer.encode(`${question}\n\n`);
      const values = await surprisals(sequence, context, ids);
      known.set(key, values);
      return values;
    } finally {
      sequence.close();
    }
  };
}

/**
 * Parts that surprise a language model: the signal of LLMLingua (Jiang et al. 2023,
 * arXiv:2310.05736), here the mean of -ln p over the tokens of a sentence.
 */
export function bySurprisal(read: Reader): Rate {
  return async (asked) => {
    const alone = await read(asked, '');
    return (parts) => parts.map((part) => meanOver(alone, asked, part));
  };
}

/**
 * Parts that the question makes less surprising: the contrastive perplexity of LongLLMLingua (Jiang
 * et al. 2023, arXiv:2310.06839, equation 3), here the mean of ln p(token | question, before) - ln
 * p(token | before) over the tokens of a sentence.
 */
export function byContrast(read: Reader): Rate {
  return async (asked) => {
    const alone = await read(asked, '');
    const after = await read(asked, asked.question);
    const fall = alone.map((value, token) => value - after[token]);
    return (parts) => parts.map((part) => meanOver(fall, asked, part));
  };
}

/** Over the part's tokens that are the document's. */
function meanOver(values: Float64Array, { from }: Asked, part: Part): number {
  return mean(values.subarray(Math.max(0, part.from - from), part.to - from));
}
