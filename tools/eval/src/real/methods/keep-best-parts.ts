import { type EncodedPrompt, type Middleware, parseOptions, type Run } from '@pliant/core';
import {
  keepTokens,
  planSelection,
  type SelectionPlan,
  selectionShape,
  type TokenRange,
  tokensOf,
} from '@pliant/prompt-compress/selection';
import { z } from 'zod';

/** A part of the document that a prompt holds: a sentence, or a piece of a long one. */
export interface Part extends TokenRange {
  readonly text: string;
}

/**
 * The part of a run that a method may look at: the document's tokens in the prompt, and the
 * question.
 */
export interface Asked {
  readonly run: Run;
  readonly ids: Int32Array;
  /** Index of the first of `ids` in the prompt, which the parts' ranges count from. */
  readonly from: number;
  readonly question: string;
}

/**
 * A way to tell what parts are worth, the more the higher. Once a prompt; what it returns may be
 * called several times.
 */
export type Rate = (asked: Asked) => Promise<(parts: readonly Part[]) => readonly number[]>;

export interface KeepBestPartsOptions {
  readonly keep: number | { readonly ratio: number };
  /** As it stands in the prompt. */
  readonly document: string;
  readonly question: string;
  readonly rate: Rate;
}

const name = 'keep-best-parts';
const selection = z.strictObject(selectionShape);

/**
 * A rival to `promptCompress`: the same parts, template, question and length are kept, but the
 * document's sentences are chosen by `rate`. Sentences that are not the document's, such as
 * instructions, come first.
 */
export function keepBestParts(options: KeepBestPartsOptions): Middleware<typeof name> {
  const { keep, document, question, rate } = options;
  const parsed = parseOptions(name, selection, { keep, unit: 'sentence' });
  return {
    specificationVersion: 'v1',
    name,
    requires: [],
    create: (run) => ({
      async prompt(prompt, next) {
        const planned = { ...parsed, keepTemplate: true, needsText: false, keepSomeOfEach: false };
        const plan = planSelection(name, prompt, run.tokenizer, planned);
        for (const warning of plan.warnings) run.warn(warning);
        if (plan.keep >= prompt.ids.length) return next(prompt);
        const { from, to } = documentIn(prompt, plan, document);
        const worth = await rate({ run, from, ids: prompt.ids.subarray(from, to), question });
        const { kept, warnings } = plan.chooseBy((ranges) => {
          const inDocument = ranges.filter((range) => range.from < to && range.to > from);
          const parts = inDocument.map((range) => ({
            ...range,
            text: textOf(prompt, plan, range),
          }));
          const worths = new Map(worth(parts).map((value, i) => [inDocument[i], value]));
          const worthOf = (range: TokenRange) => worths.get(range) ?? Number.POSITIVE_INFINITY;
          // Stable: of equals the earlier. Not by a difference, which two infinities do not have.
          return ranges.toSorted(
            (a, b) => Number(worthOf(b) > worthOf(a)) - Number(worthOf(a) > worthOf(b)),
          );
        });
        for (const warning of warnings) run.warn(warning);
        return next(keepTokens(prompt, kept));
      },
    }),
  };
}

/** The tokens that hold the document's characters. */
function documentIn(
  { text }: EncodedPrompt,
  { characters }: SelectionPlan,
  document: string,
): TokenRange {
  const at = text.indexOf(document);
  if (at < 0) throw new Error('the document does not stand in the prompt as it was given');
  return tokensOf({ from: at, to: at + document.length }, characters);
}

function textOf(
  { text }: EncodedPrompt,
  { characters: { start, end } }: SelectionPlan,
  { from, to }: TokenRange,
): string {
  return text.slice(start[from], end[to - 1]);
}
