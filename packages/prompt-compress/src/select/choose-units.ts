import type { EncodedPrompt } from '@pliant/core';
import { isJson } from '../text/json-texts.js';
import { characterBlocks } from '../tokens/characters.js';
import { cutUnit } from '../tokens/cut-unit.js';
import { jsonUnits } from '../tokens/json-units.js';
import { keepApart } from '../tokens/keep-apart.js';
import { countMarks, indicesOf } from '../tokens/marks.js';
import type { PromptText } from '../tokens/prompt-text.js';
import type { TokenRange, Unit } from '../tokens/token-range.js';
import { bestOfEach } from './best-of-each.js';
import { fillBudget } from './fill-budget.js';
import type { MustStay } from './must-stay.js';
import type { SelectionWarning } from './required-tokens.js';

export interface Selection {
  /** At most `keep` token indices, ascending. */
  readonly kept: Int32Array;
  readonly warnings: readonly SelectionWarning[];
  /** Why this number of tokens stayed, if `keep` is by evidence. */
  readonly reason?: string;
}

export interface UnitChoice {
  readonly prompt: EncodedPrompt;
  readonly stays: MustStay & { readonly keep: number };
  /** Undefined for ids that are not text: then only tokens are looked at. */
  readonly parts: PromptText | undefined;
  readonly blocks: readonly TokenRange[];
  /** Units in order; every token is in one. */
  readonly units: readonly Unit[];
  /** Pieces to choose from: the units, or parts of those that are too long. */
  readonly pieces: readonly Unit[];
  readonly unit: 'token' | 'sentence' | 'line';
  /** Best first. */
  rank(units: readonly Unit[]): Unit[];
  rankPieces(pieces: readonly TokenRange[]): TokenRange[];
  readonly perMessage: boolean;
  readonly keepSomeOfEach: boolean;
}

/**
 * Shares of `keep` that may stay unused because no unit fits. Above the first a warning says so;
 * above the second, units are cut.
 */
const unusedToTell = 0.2;
const unusedToCut = 0.5;

/** Returns the units; those longer than `keep`, which can never stay whole, in pieces. */
export function piecesOf(
  units: readonly Unit[],
  { keep, count }: UnitChoice['stays'],
  parts: PromptText | undefined,
): readonly Unit[] {
  if (!parts) return units;
  const free = keep - count;
  return units
    .flatMap(intoItems(free, parts))
    .flatMap((one) =>
      one.to - one.from > keep ? cutUnit(one, parts, Math.floor(free / 2)) : [one],
    );
}

/** Splits JSON that would leave little room for anything else into its items. */
export function intoItems(free: number, { text, characters }: PromptText): (unit: Unit) => Unit[] {
  const room = Math.floor(free / 2);
  return (unit) =>
    unit.json && unit.to - unit.from > room
      ? jsonUnits(unit, unit.json, text, characters, Math.max(1, Math.floor(room / 8)))
      : [unit];
}

/**
 * Fills `keep` with the best pieces. If half of `keep` would stay unused, others are cut. Nothing
 * that stays reads as a word or number that was not there.
 */
export function chooseUnits(choice: UnitChoice): Selection {
  const { prompt, stays, parts, blocks, pieces, unit } = choice;
  const { keep, required } = stays;
  const codePoints = parts ? characterBlocks(parts.characters) : [];
  const ranked = choice.rank(pieces);
  let kept = fillBudget(required, ranked, {
    keep,
    // Words come first, since a sentence that the window cuts may be too long. So may a word or a
    // joined emoji, of which whole code points stay.
    complete: [...blocks, ...codePoints, ...(unit === 'token' ? [] : pieces)],
    messages: choice.perMessage ? prompt.spans : undefined,
    first: choice.keepSomeOfEach ? bestOfEach(prompt, parts!, required, ranked) : undefined,
  });
  const room = keep - countMarks(kept);
  if (parts && room > keep * unusedToCut) {
    const smaller = bestDropped(ranked, kept, room).flatMap((one) =>
      cutUnit(one, parts, Math.floor(room / 2)),
    );
    kept = fillBudget(kept, choice.rankPieces(smaller), { keep, complete: [] });
  }
  if (parts) {
    const mayGo = ({ from, to }: TokenRange) => !required.subarray(from, to).includes(1);
    const { text, characters } = parts;
    keepApart(kept, blocks, text, characters, mayGo, keep - countMarks(kept));
  }
  return { kept: indicesOf(kept), warnings: warningsOf(choice, kept) };
}

function leftOf(
  { from, to }: TokenRange,
  { text, characters: { start, end } }: PromptText,
  kept: Uint8Array,
): string {
  let left = '';
  for (let token = from; token < to; token++)
    if (kept[token]) left += text.slice(start[token], end[token]);
  return left;
}

/** The fewest dropped units that have enough tokens to fill the room, best first. */
function bestDropped(ranked: readonly Unit[], kept: Uint8Array, room: number): Unit[] {
  let tokens = 0;
  return ranked.filter(({ from, to }) => {
    if (tokens >= room || countMarks(kept.subarray(from, to)) > 0) return false;
    tokens += to - from;
    return true;
  });
}

function warningsOf(
  { units, unit, stays, parts }: UnitChoice,
  kept: Uint8Array,
): SelectionWarning[] {
  const warnings: SelectionWarning[] = [];
  const partly = units.filter((one) => parts && isCut(one, parts, kept));
  const broken = partly
    .filter(({ json }) => json)
    .filter((one) => !isJson(leftOf(one, parts!, kept)));
  const cut = partly.filter(({ json }) => !json).length;
  if (broken.length > 0)
    warnings.push({
      type: 'degraded',
      feature: 'unit',
      details: `${broken.length} JSON ${broken.length === 1 ? 'text was' : 'texts were'} cut and can no longer be parsed, because items are longer than keep has room for, or tokens cross them; raise keep`,
    });
  if (cut > 0)
    warnings.push({
      type: 'degraded',
      feature: 'unit',
      details: `${cut} ${unit === 'token' ? 'word' : unit}${cut === 1 ? ' was' : 's were'} cut, because keep has too little room (${stays.keep} tokens, of which ${stays.count} must stay: ${stays.reasons}); raise keep`,
    });
  const used = countMarks(kept);
  const unused = stays.keep - used;
  if (used < kept.length && unused > stays.keep * unusedToTell)
    warnings.push({
      type: 'degraded',
      feature: 'keep',
      details: `${unused} of ${stays.keep} tokens are unused, since no other ${unit === 'token' ? 'word' : unit} fits; raise keep, or take smaller units`,
    });
  return warnings;
}

/** Whether a unit's text was kept in part and dropped in part. Blanks do not count. */
function isCut(
  { from, to }: TokenRange,
  { text, characters: { start, end } }: PromptText,
  kept: Uint8Array,
): boolean {
  let isKept = false;
  let isDropped = false;
  for (let token = from; token < to && !(isKept && isDropped); token++) {
    if (kept[token] ? isKept : isDropped) continue;
    if (!text.slice(start[token], end[token]).trim()) continue;
    if (kept[token]) isKept = true;
    else isDropped = true;
  }
  return isKept && isDropped;
}
