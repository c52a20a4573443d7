import { type LineShape, sentenceEnd } from './line-shapes.js';
import type { Line } from './lines.js';

/** The widest line of those that text was surely wrapped at, below which a line counts as cut short by its writer. */
const narrowest = 30;

/** [lines], whether the end of a line is a blank to the reader, since the next one goes on with it. */
export function softBreaks(
  text: string,
  lines: readonly Line[],
  shapes: readonly LineShape[],
): boolean[] {
  const bodies = lines.map(({ body, to }) => text.slice(body, to));
  const mayJoin = lines.map(
    ({ quoted }, i) =>
      (shapes[i] === 'prose' || shapes[i] === 'opens') &&
      shapes[i + 1] === 'prose' &&
      quoted === lines[i + 1].quoted,
  );
  const widths = bodies.map(columns);
  const wrapped = widths.filter(
    (width, i) => width >= narrowest && mayJoin[i] && isContinued(bodies[i], bodies[i + 1]),
  );
  const wrapWidth = wrapped.reduce((most, width) => Math.max(most, width), 0);
  const blocks = blocksOf(mayJoin);
  return mayJoin.map((may, i) => may && isSoft(bodies[i], bodies[i + 1], blockAt(i)));

  function blockAt(index: number): Block {
    return blocks[index];
  }

  /** Lines that may all be one paragraph, and what tells whether they are. */
  function blocksOf(joins: readonly boolean[]): Block[] {
    const found: Block[] = [];
    for (let from = 0; from < joins.length; ) {
      let to = from + 1;
      while (joins[to - 1] && to < joins.length) to++;
      const block = bodies.slice(from, to);
      const width = widths.slice(from, to).reduce((most, one) => Math.max(most, one), 0);
      const hasEnd = block.some((body) => /[.!?…。！？؟۔।။។։።](?:\s|$)|[。！？，]/u.test(body));
      const isList = block.every((body) => /^\p{Ll}/u.test(body)) && !hasEnd && width < 40;
      while (from < to) {
        found.push({ width, hasEnd, isList });
        from++;
      }
    }
    return found;
  }

  function isSoft(body: string, next: string, { width, hasEnd, isList }: Block): boolean {
    // The sentences decide.
    if (sentenceEnd.test(body)) return true;
    if (isList) return false;
    if (isContinued(body, next)) return true;
    const reached = columns(body) + 1 + columns(firstWord(next));
    if (/^["'“‘«([]*\p{Lo}/u.test(next))
      return hasEnd && columns(body) >= 24 && reached > 0.75 * width;
    if (wrapWidth === 0) return columns(body) >= 40 && hasEnd && /^\p{Lu}|^["'“‘«([\d]/u.test(next);
    return (
      reached >
      (/^\p{Lu}/u.test(next) ? 0.75 : 0.6) * Math.min(wrapWidth, Math.max(width, narrowest))
    );
  }
}

interface Block {
  /** Columns of its widest line. */
  readonly width: number;
  /** Whether it holds an end of a sentence. */
  readonly hasEnd: boolean;
  /** Words in lower case, one or some a line. */
  readonly isList: boolean;
}

/** A next line in lower case goes on, and so does any after a comma, a hyphen or a small word. */
function isContinued(body: string, next: string): boolean {
  if (sentenceEnd.test(body) || /[:：;；]$/.test(body)) return /^\p{Ll}/u.test(next);
  return (
    /^["'“‘«([]*\p{Ll}/u.test(next) ||
    /[,،，、\-‐–([“„«/&]$/.test(body) ||
    /\s(?:a|an|the|of|to|in|on|at|by|for|from|with|and|or|but|that|is|are|was|be|as|der|die|das|und|von|zu|mit|de|la|le|les|el|los|et|y|e|en|i|och|og|av|på)$/.test(
      body,
    )
  );
}

/** Wide characters take two. */
function columns(text: string): number {
  return (
    text.length +
    (text.match(/[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/g)?.length ??
      0)
  );
}

function firstWord(text: string): string {
  return (
    /^(?:\p{scx=Han}|\p{scx=Hira}|\p{scx=Kana}|\p{sc=Thai}|\p{sc=Lao}|\p{sc=Khmr}){1,2}|^\S+/u.exec(
      text,
    )?.[0] ?? ''
  );
}
