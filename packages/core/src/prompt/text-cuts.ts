import type { TextSection, Tokenizer } from '../contract/tokenizer.js';
import { tokenize } from './tokenize.js';

/** UTF-16 units on each side of a place that tell whether a text can be cut there. */
const sight = 256;
/** How far before the wished place a cut is looked for, and how many places are tried. */
const reach = 2 ** 14;
const mostTries = 64;

/**
 * A place at or before `wished` where the text can be cut and each side encoded alone: after a word
 * or a punctuation mark, where the tokens of what stands around it are those of its two sides.
 * @param from the piece begins here
 * @returns undefined where there is none, as in a text without blanks
 */
export function cutBefore(
  text: string,
  from: number,
  wished: number,
  tokenizer: Tokenizer,
  literal: readonly TextSection[],
): number | undefined {
  let tries = 0;
  const first = Math.max(from + sight, wished - reach);
  for (let at = wished; at > first && tries < mostTries; at--) {
    if (!/^\S\s$|^\p{P}\P{P}$/u.test(text.slice(at - 1, at + 1))) continue;
    tries++;
    if (canCut(text, at, tokenizer, literal)) return at;
  }
  return undefined;
}

function canCut(
  text: string,
  at: number,
  tokenizer: Tokenizer,
  literal: readonly TextSection[],
): boolean {
  const idsOf = (from: number, to: number) =>
    tokenize(text.slice(from, to), tokenizer, {
      continues: true,
      literal: sectionsWithin(literal, from, to),
    }).ids;
  const [from, to] = [Math.max(0, at - sight), Math.min(text.length, at + sight)];
  const whole = idsOf(from, to);
  const parts = [...idsOf(from, at), ...idsOf(at, to)];
  return whole.length === parts.length && whole.every((id, i) => id === parts[i]);
}

/** The sections that reach into a part of a text, as offsets in it. */
export function sectionsWithin(
  sections: readonly TextSection[],
  from: number,
  to: number,
): TextSection[] {
  const within: TextSection[] = [];
  for (let i = firstAfter(sections, from); i < sections.length && sections[i].from < to; i++)
    within.push({
      from: Math.max(0, sections[i].from - from),
      to: Math.min(to, sections[i].to) - from,
    });
  return within;
}

/** Index of the first section that ends after `at`. */
function firstAfter(sections: readonly TextSection[], at: number): number {
  let low = 0;
  let high = sections.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sections[middle].to <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
