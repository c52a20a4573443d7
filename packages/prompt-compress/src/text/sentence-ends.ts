import {
  abbreviatedWord,
  afterTime,
  beforeNumber,
  mayBeLast,
  neverLast,
  partOfNames,
  starters,
} from './lines/abbreviations.js';
import { segmentEnds } from './segment-ends.js';

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
/** UTF-16 units on each side of a border that decide. */
const looked = 80;

/**
 * Finds where the sentences of a paragraph end, ascending; blanks between two belong to the later
 * one. The borders are those of `Intl.Segmenter` (UAX #29), except after titles, initials and
 * abbreviations, after list marks, and between quoted speech and its speaker.
 * @param paragraph line ends in it are blanks
 */
export function sentenceEnds(paragraph: string): number[] {
  const ends: number[] = [];
  let from = 0;
  for (const end of candidates(paragraph)) {
    const before = paragraph.slice(Math.max(from, end - looked), end);
    const after = paragraph.slice(end, end + looked);
    if (end < paragraph.length && goesOn(before, after, end - from <= looked)) continue;
    const written = from + paragraph.slice(from, end).trimEnd().length;
    // The segmenter leaves an opening mark to the sentence before it.
    const sentenceEnd = written === end ? beforeOpening(paragraph, from, end) : written;
    if (sentenceEnd === from) continue;
    ends.push(sentenceEnd);
    from = sentenceEnd;
  }
  return ends;
}

function candidates(paragraph: string): number[] {
  const ends = segmentEnds(segmenter, paragraph);
  const more = [
    // Thai and Lao have no full stops, and put blanks between sentences. Shorter runs are parts of
    // a sentence.
    ...paragraph.matchAll(
      /(?<=[\p{sc=Thai}\p{sc=Lao}]{20}(?<!\u0e46))\s+(?=[\p{sc=Thai}\p{sc=Lao}]{20})/gu,
    ),
    // A reference after the full stop: `It is so.[1] Next`, `It is so.[^note] Next`.
    ...paragraph.matchAll(/(?<=[.!?](?:\[\^?[\w-]{1,12}\]){1,4})\s+(?=\p{Lu})/gu),
    // The segmenter ends no sentence before a word in lower case, and some people write nothing
    // else.
    ...(/^(?:\W*\w{1,3}[.)])?\P{L}*\p{Lu}|[.!?]["')\]]*\s+\p{Lu}/u.test(paragraph)
      ? []
      : paragraph.matchAll(/(?<=\p{L}{3}[.!?])\s+(?=\p{Ll})/gu)),
  ].map(({ index, 0: blanks }) => index + blanks.length);
  if (more.length === 0) return ends;
  return [...new Set([...ends, ...more])].sort((a, b) => a - b);
}

function beforeOpening(paragraph: string, from: number, end: number): number {
  let at = end;
  while (at > from && /[\p{Ps}\p{Pi}]/u.test(paragraph[at - 1])) at--;
  return /\S/.test(paragraph[end] ?? '') ? at : end;
}

/** @param isWhole whether `before` is the whole sentence so far */
function goesOn(before: string, after: string, isWhole: boolean): boolean {
  const last = before.trimEnd();
  if (isWhole && /^[\s\p{P}\p{S}]*$/u.test(last) && !/[\p{So}]/u.test(last)) return true;
  if (
    isWhole &&
    /^\s*[-*+•([]*\s*(?:\d{1,3}|\p{L}|[ivxIVX]{1,5})(?:\.\d{1,3})*[.)][)\]]*$/u.test(last)
  )
    return true;
  // Brackets and references right after the full stop.
  if (/[.!?]\[$/.test(last) || /^(?:\d{1,3}\]|[»”’)\]}›」』）])/.test(after)) return true;
  if (speechGoesOn(last, after)) return true;
  if (!/\.["'”’)\]]*$/.test(last))
    return /[?!]$/.test(last) && /\s$/.test(before) && /^\p{Ll}/u.test(after);
  return abbreviationGoesOn(last, after);
}

const speaking =
  /^(?:\p{Lu}[\p{L}.'’-]*\s+){1,3}(?:said|says|asked|asks|cried|replied|answered|shouted|whispered|thought|added|called|exclaimed|wondered|continued|remarked|interrupted)\b/u;

/** After a day of the week: `Mon. Jan. 5` */
const month = /^(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)\b\.? \d/;

/** `“Is it open?” she asked`, 「はい。」と言った */
function speechGoesOn(last: string, after: string): boolean {
  if (/[?!？！][”"’'»›“」』]$/u.test(last))
    return /^[\p{Ll}\p{Lo}—–-]/u.test(after) || speaking.test(after);
  return /[。．.][」』]$/u.test(last) && /^(?:と|って|という)/u.test(after);
}

function abbreviationGoesOn(last: string, after: string): boolean {
  const word = abbreviatedWord(last);
  if (word === '') return false;
  const lower = word.toLowerCase();
  const next = /^["“‘([]*([\p{L}\p{M}\p{N}'’]+)/u.exec(after)?.[1] ?? '';
  if (neverLast.has(lower)) return true;
  // `z. B.`, `p. ej.`
  if (/^\p{Ll}$/u.test(word) && /^\p{L}{1,3}\./u.test(after)) return true;
  if (
    beforeNumber.has(lower) &&
    (/^[\d#(§+]/.test(after) || /^[A-Z\d]{1,3}\b/.test(after) || month.test(after))
  )
    return true;
  if (partOfNames.has(lower)) return !starters.has(next);
  if (mayBeLast.has(lower)) return /^\p{Ll}/u.test(after) || afterTime.test(after);
  // Initials, also of several letters: `J. R. R. Tolkien`, `W.E.B. Du Bois`.
  if (/^\p{Lu}(?:\.\p{Lu}|-\p{Lu})*$/u.test(word)) return !starters.has(next) || isTitled(last);
  // German ordinals: `am 3. Oktober`.
  return /(?:^|\s)(?:am|der|den|dem|des|die|das|vom|zum|zur|im|bis|und|ab|seit|jeden)\s\d{1,3}\.$/i.test(
    last,
  );
}

/** A single letter after a name: `Dr. A.`, `Anna B.` But `plan B.` ends a sentence. */
function isTitled(last: string): boolean {
  return /(?:^|\s)(?:Dr|Mr|Mrs|Ms|Prof)\.\s+\p{Lu}\.$/u.test(last);
}
