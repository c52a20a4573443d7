import { type EncodedPrompt, PromptError, type Tokenizer } from '@pliant/core';
import { asksForText, type ParsedSelection, unitOf } from '../options/selection-options.js';
import { lexicalOverlap } from '../text/lexical-overlap.js';
import { spellsText, type TokenCharacters, tokenCharacters } from '../tokens/characters.js';
import { promptText } from '../tokens/prompt-text.js';
import { textUnits } from '../tokens/text-units.js';
import type { TokenRange } from '../tokens/token-range.js';
import { bestOfEach } from './best-of-each.js';
import {
  chooseUnits,
  intoItems,
  piecesOf,
  type Selection,
  type UnitChoice,
} from './choose-units.js';
import { keepByWorth } from './keep-by-worth.js';
import { findQuestions, type Question } from './question.js';
import { rankTokens } from './rank-tokens.js';
import { rankUnits } from './rank-units.js';
import { requiredTokens, type SelectionWarning } from './required-tokens.js';

/** A choice that only needs the draft's scores; everything else is decided. */
export interface SelectionPlan {
  /** Tokens that may stay: at least the prompt's if all of it must. */
  readonly keep: number;
  readonly characters: TokenCharacters;
  /** Their tokens score; if there are none, those of the window do. */
  readonly questions: readonly Question[];
  readonly warnings: readonly SelectionWarning[];
  /** @param score [n] */
  choose(score: Float64Array): Selection;
  /** Does what `choose` does, by another ranking than that of scores. */
  chooseBy(rank: Ranking): Selection;
}

/** Sorts units or pieces of them: each once, best first. */
export type Ranking = (ranges: readonly TokenRange[]) => TokenRange[];

export interface PlanOptions extends ParsedSelection {
  readonly keepTemplate: boolean;
  /** Whether dropped characters will be asked for. */
  readonly needsText: boolean;
  /** Whether something is kept of each message that may be shortened, if at all possible. */
  readonly keepSomeOfEach: boolean;
}

/**
 * Decides, before the draft reads, what stays in any case and what is chosen from.
 * @param where the middleware or the call, for errors
 * @param prompt of more tokens than `keep`
 * @throws PromptError if more must stay than a `keep` in tokens allows, or if sentences, lines,
 * fences or characters are asked for and the ids are not text
 */
export function planSelection(
  where: string,
  prompt: EncodedPrompt,
  tokenizer: Tokenizer,
  options: PlanOptions,
): SelectionPlan {
  const characters = tokenCharacters(prompt);
  const isText = spellsText(prompt, (id) => tokenizer.bytes(id));
  const { kernel = 32, neighbours = kernel, pool = 'max' } = options;
  const unit = unitOf(options, isText);
  if (!isText && (options.needsText || asksForText(options)))
    throw new PromptError(
      `the prompt's ids are not valid UTF-8, so ${where} cannot tell sentences, lines, code fences, a question or what was dropped in it; give the prompt as text, or leave out unit and its options, keep by evidence, question.text, keepFences and onCompressed, and give a draft`,
    );
  const units = unit === 'token' ? [] : textUnits(prompt, characters, unit);
  const parts = isText ? promptText(prompt, characters, units) : undefined;
  const blocks = parts?.blocks ?? singleTokens(prompt.ids.length);
  const found = isText ? findQuestions(prompt, characters, options) : [];
  const stays = requiredTokens(where, prompt, characters, blocks, options, found);
  const { keep, questions, warnings } = stays;
  const { text } = prompt;
  const { start, end } = characters;
  const textOf = ({ from, to }: TokenRange) => text.slice(start[from], end[to - 1]);
  const length = prompt.ids.length;
  const asked = questions.length > 0 ? questions : [{ from: length - options.window, to: length }];
  const overlapOf = (ranges: readonly TokenRange[]) =>
    lexicalOverlap(asked.map(textOf).join('\n'), ranges.map(textOf));
  const all = unit === 'token' ? blocks : units;
  const chooseBy = (
    rank: Ranking,
    rankPieces = rank,
    { most = keep, pieces = piecesOf(all, { ...stays, keep: most }, parts) } = {},
  ) => {
    const choice: UnitChoice = {
      prompt,
      stays: { ...stays, keep: most },
      parts,
      blocks,
      units: all,
      pieces,
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
    questions,
    warnings,
    chooseBy: (rank) => chooseBy(rank),
    choose(score) {
      const ranking = { score, required: stays.required, overlapOf, ...rankingOf(options) };
      const byUnit: Ranking = (ranges) => rankUnits(ranges, ranking);
      if (unit === 'token') {
        const pooling = { kernel, neighbours, pool };
        return chooseBy((ranges) => rankTokens(score, pooling, ranges), byUnit);
      }
      const by = options.keep;
      if (typeof by === 'number' || 'ratio' in by) return chooseBy(byUnit);
      // JSON is split into items as if a quarter of the prompt may stay.
      const pieces = units.flatMap(intoItems(length / 4, parts!));
      const first = options.keepSomeOfEach
        ? bestOfEach(prompt, parts!, stays.required, byUnit(pieces)).map(([best]) => best)
        : [];
      const { keep: most, reason } = keepByWorth(pieces, ranking, by.evidence, first);
      return { ...chooseBy(byUnit, byUnit, { most, pieces }), reason };
    },
  };
}

/**
 * Defaults are those that keep most answers on real documents (tools/eval real). With more room,
 * the embedded model gains more from text near the best unit than from text that resembles the
 * question a little.
 */
function rankingOf({ unitScore = 'max', lexicalWeight = 3, context, keep }: PlanOptions) {
  const room = typeof keep === 'number' ? keep / 4 : 0;
  return { unitScore, lexicalWeight, context: context ?? Math.max(40, room) };
}

function singleTokens(length: number): TokenRange[] {
  return Array.from({ length }, (_, token) => ({ from: token, to: token + 1 }));
}
