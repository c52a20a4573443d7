import { isJudging, keywordOf, keywords } from './keywords.js';

const effective = Object.keys(keywords);
const lowerCase = effective.map((keyword) => keyword.toLowerCase());

/**
 * The keyword that a name is one slip away from: a letter too many, missing, wrong or swapped with
 * the next, upper for lower case, singular for plural, words set apart (`max_length`), a blank or
 * colon beside it. Undefined for names that no slip explains, and for those that are words of their
 * own (`note`, `id`).
 */
export function misspelt(name: string): string | undefined {
  const bare = name.replace(/^\s+|[\s:,;]+$/g, '');
  if (bare !== name && isJudging(bare)) return bare;
  if (keywordOf(name) || !/^\$?[A-Za-z]+(?:[_-][A-Za-z]+)*$/.test(name)) return undefined;
  const joined = name.replace(/[_-]/g, '');
  const typed = joined.toLowerCase();
  const plural = typed.replace(/ys?$/, 'ies');
  return effective.find((_, i) =>
    joined === name ? isSlip(typed, plural, lowerCase[i]) : typed === lowerCase[i],
  );
}

function isSlip(typed: string, plural: string, meant: string): boolean {
  if (typed === meant || `$${typed}` === meant || plural === meant) return true;
  // Among short words, another letter makes another word.
  if (meant.length < 4) return false;
  if (isSwapped(typed, meant)) return true;
  if (typed.length === meant.length) return meant.length > 4 && differsOnce(typed, meant);
  return isOneLonger(typed, meant) || isOneLonger(meant, typed);
}

function differsOnce(a: string, b: string): boolean {
  let count = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) count++;
  return count === 1;
}

function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = firstDifference(a, b);
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

function isOneLonger(longer: string, shorter: string): boolean {
  if (longer.length !== shorter.length + 1) return false;
  const at = firstDifference(longer, shorter);
  return longer.slice(at + 1) === shorter.slice(at);
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
