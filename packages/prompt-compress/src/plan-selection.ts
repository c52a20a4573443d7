import { type EncodedPrompt, InvalidOptionsError, PromptError, type Tokenizer } from '@pliant/core';
import {
  characterBlocks,
  spellsText,
  type TokenCharacters,
  tokenCharacters,
} from './characters.js';
import { fillBudget } from './fill-budget.js';
import { type MustStay, mustStay } from './must-stay.js';
import { rankTokens } from './rank-tokens.js';
import { rankUnits } from './rank-units.js';
import type { ParsedSelection } from './selection-options.js';
import { textUnits } from './text-units.js';
import type { TokenRange } from './token-range.js';

/** What is chosen by the draft's scores, everything else decided. */
export interface SelectionPlan {
  readonly characters: TokenCharacters;
  /** At most `keep` token indices, ascending. @param score [n] */
  choose(score: Float64Array): Int32Array;
}

export interface PlanOptions extends ParsedSelection {
  readonly keepTemplate: boolean;
  /** Dropped characters will be asked for. */
  readonly needsText: boolean;
  /** Of each message that may be shortened something is kept, if at all possible. */
  readonly keepSomeOfEach: boolean;
}

/** Tokens that may stay of a prompt of `length`. */
export function budgetOf(keep: ParsedSelection['keep'], length: number): number {
  // 1e-9: 0.29 * 100 is a little less than 29.
  return typeof keep === 'number' ? keep : Math.floor(keep.ratio * length + 1e-9);
}

/**
 * Decides, before the draft reads, what stays in any case and what is chosen from.
 * @param where the middleware or the call, for errors
 * @param prompt of more tokens than `keep`
 * @throws InvalidOptionsError where what must stay exceeds the budget, or no sentence or line fits into the rest; PromptError where
 * sentences, lines, fences or characters are asked for of ids that are no text
 */
export function planSelection(
  where: string,
  prompt: EncodedPrompt,
  tokenizer: Tokenizer,
  options: PlanOptions,
): SelectionPlan {
  const keep = budgetOf(options.keep, prompt.ids.length);
  const characters = tokenCharacters(prompt);
  const isText = spellsText(prompt, (id) => tokenizer.bytes(id));
  if (!isText && (options.needsText || options.unit !== 'token' || options.keepFences))
    throw new PromptError(
      `the prompt's ids are no valid UTF-8, so ${where} cannot tell sentences, lines, code fences or what was dropped in it; give the prompt as text, or leave out unit, keepFences and onCompressed`,
    );
  const stays = mustStay(prompt, characters, options.window, options);
  if (stays.count > keep) throw tooMuch(where, keep, stays);

  const { unit, unitScore = 'max', kernel = 32, neighbours = kernel, pool = 'max' } = options;
  const blocks = isText ? characterBlocks(characters) : singleTokens(prompt.ids.length);
  const units = unit === 'token' ? blocks : textUnits(prompt, characters, unit, keep - stays.count);
  if (unit !== 'token') checkOneFits(where, units, stays, keep, unit);
  return {
    characters,
    choose(score) {
      const ranked =
        unit === 'token'
          ? rankTokens(score, { kernel, neighbours, pool }, blocks)
          : rankUnits(score, units, unitScore);
      return fillBudget(stays.required, ranked, {
        keep,
        // Characters first: a sentence that the window cuts may be too long.
        complete: unit === 'token' ? blocks : [...blocks, ...units],
        messages: options.perMessage ? prompt.spans : undefined,
        first: options.keepSomeOfEach ? bestOfEach(prompt, characters, ranked, stays) : undefined,
      });
    },
  };
}

function singleTokens(length: number): TokenRange[] {
  return Array.from({ length }, (_, token) => ({ from: token, to: token + 1 }));
}

function tooMuch(where: string, keep: number, { count, reasons }: MustStay): InvalidOptionsError {
  return new InvalidOptionsError(where, [
    {
      path: 'keep',
      message: `is ${keep} tokens, but ${count} tokens must stay: ${reasons}. Raise it, or let more be dropped`,
    },
  ]);
}

/** @throws InvalidOptionsError where nothing could be chosen although there is room */
function checkOneFits(
  where: string,
  units: readonly TokenRange[],
  { required, count, reasons }: MustStay,
  keep: number,
  unit: string,
): void {
  if (count === keep) return;
  const costs = units.map(
    ({ from, to }) => required.subarray(from, to).filter((mark) => !mark).length,
  );
  const least = costs.reduce(
    (fewest, cost) => (cost > 0 ? Math.min(fewest, cost) : fewest),
    Number.POSITIVE_INFINITY,
  );
  if (least <= keep - count) return;
  throw new InvalidOptionsError(where, [
    {
      path: 'keep',
      message: `is ${keep} tokens, of which ${count} must stay (${reasons}), but the shortest ${unit} has ${least}. Raise it, or use unit 'token'`,
    },
  ]);
}

/** Of each message of which nothing stays yet the best block that is not blank, best first. */
function bestOfEach(
  { text, spans }: EncodedPrompt,
  { start, end }: TokenCharacters,
  ranked: readonly TokenRange[],
  { required }: MustStay,
): TokenRange[] {
  const isBlank = ({ from, to }: TokenRange) => !text.slice(start[from], end[to - 1]).trim();
  // [n], 1 + the index of a span that has nothing yet; 0 elsewhere.
  const spanOf = new Int32Array(required.length);
  spans.forEach(({ from, to }, index) => {
    if (!required.subarray(from, to).includes(1)) spanOf.fill(index + 1, from, to);
  });
  const served = new Set([0]);
  return ranked.filter((block) => {
    const span = spanOf[block.from];
    if (served.has(span) || spanOf[block.to - 1] !== span || isBlank(block)) return false;
    served.add(span);
    return true;
  });
}
