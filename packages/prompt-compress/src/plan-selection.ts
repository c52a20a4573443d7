import { type EncodedPrompt, PromptError, type Tokenizer } from '@pliant/core';
import { spellsText, type TokenCharacters, tokenCharacters } from './characters.js';
import { chooseUnits, type UnitChoice } from './choose-units.js';
import { promptText } from './prompt-text.js';
import { findQuestion, type Question } from './question.js';
import { rankTokens } from './rank-tokens.js';
import { rankUnits } from './rank-units.js';
import { requiredTokens, type SelectionWarning } from './required-tokens.js';
import type { ParsedSelection } from './selection-options.js';
import { textUnits } from './text-units.js';
import type { TokenRange } from './token-range.js';

/** What is chosen by the draft's scores, everything else decided. */
export interface SelectionPlan {
  /** Tokens that may stay; not fewer than the prompt has where all of it must. */
  readonly keep: number;
  readonly characters: TokenCharacters;
  /** A question that does not stand at the end; its tokens score. */
  readonly question: Question | undefined;
  readonly warnings: readonly SelectionWarning[];
  /** @param score [n] */
  choose(score: Float64Array): Selection;
  /** `choose` by another ranking than that of scores. */
  chooseBy(rank: Ranking): Selection;
}

/** Units or pieces of them, each once and best first. */
export type Ranking = (ranges: readonly TokenRange[]) => TokenRange[];

export interface Selection {
  /** At most `keep` token indices, ascending. */
  readonly kept: Int32Array;
  readonly warnings: readonly SelectionWarning[];
}

export interface PlanOptions extends ParsedSelection {
  readonly keepTemplate: boolean;
  /** Dropped characters will be asked for. */
  readonly needsText: boolean;
  /** Of each message that may be shortened something is kept, if at all possible. */
  readonly keepSomeOfEach: boolean;
}

/**
 * Decides, before the draft reads, what stays in any case and what is chosen from.
 * @param where the middleware or the call, for errors
 * @param prompt of more tokens than `keep`
 * @throws PromptError where more must stay than a `keep` in tokens allows, or where sentences, lines, fences or characters are asked for of ids that are
 * no text
 */
export function planSelection(
  where: string,
  prompt: EncodedPrompt,
  tokenizer: Tokenizer,
  options: PlanOptions,
): SelectionPlan {
  const characters = tokenCharacters(prompt);
  const isText = spellsText(prompt, (id) => tokenizer.bytes(id));
  const { unit, unitScore = 'max', kernel = 32, neighbours = kernel, pool = 'max' } = options;
  if (!isText && (options.needsText || unit !== 'token' || options.keepFences))
    throw new PromptError(
      `the prompt's ids are no valid UTF-8, so ${where} cannot tell sentences, lines, code fences or what was dropped in it; give the prompt as text, or leave out unit, keepFences and onCompressed`,
    );
  const units = unit === 'token' ? [] : textUnits(prompt, characters, unit);
  const parts = isText ? promptText(prompt, characters, units) : undefined;
  const blocks = parts?.blocks ?? singleTokens(prompt.ids.length);
  const found = isText ? findQuestion(prompt, characters, options.question) : undefined;
  const stays = requiredTokens(where, prompt, characters, blocks, options, found);
  const { keep, question, warnings } = stays;
  const chooseBy = (rank: Ranking, rankPieces = rank) => {
    const choice: UnitChoice = {
      prompt,
      stays,
      parts,
      blocks,
      units: unit === 'token' ? blocks : units,
      rank,
      rankPieces,
      unit,
      perMessage: options.perMessage,
      keepSomeOfEach: options.keepSomeOfEach,
    };
    return chooseUnits(choice);
  };
  return {
    keep,
    characters,
    question,
    warnings,
    chooseBy: (rank) => chooseBy(rank),
    choose(score) {
      const byUnit: Ranking = (ranges) => rankUnits(score, ranges, unitScore);
      const byToken: Ranking = (ranges) => rankTokens(score, { kernel, neighbours, pool }, ranges);
      return chooseBy(unit === 'token' ? byToken : byUnit, byUnit);
    },
  };
}

function singleTokens(length: number): TokenRange[] {
  return Array.from({ length }, (_, token) => ({ from: token, to: token + 1 }));
}
