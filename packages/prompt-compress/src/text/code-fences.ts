import type { TextRange } from './text-range.js';

/**
 * Finds the fenced code blocks of a Markdown text, fences included, after CommonMark 0.31, section
 * 4.5: three or more backticks or tildes at the beginning of a line, up to a line of as many or
 * more, or to the end of the enclosing list item, quotation or text. The rest of an opening line of
 * backticks holds no backtick: three of them around code within a line are not a fence.
 */
export function codeFences(text: string): TextRange[] {
  const found: TextRange[] = [];
  // Columns at which the content of the open list items begins, outermost first.
  let items: number[] = [];
  let lastQuoted = 0;
  let open: { from: number; marks: string; base: number; quoted: number } | undefined;
  let end = 0;
  for (const { index, 0: raw } of text.matchAll(/[^\r\n]+/g)) {
    const line = insideQuotation(raw, open?.quoted);
    if (line.rest === '') continue;
    if (open && (line.quoted < open.quoted || line.indent < open.base)) {
      found.push({ from: open.from, to: end });
      open = undefined;
    }
    end = index + raw.length;
    if (open) {
      const { marks, base, from } = open;
      const isClosing = line.rest.startsWith(marks) && /^(?:`+|~+)[ \t]*$/.test(line.rest);
      if (!isClosing || line.indent > base + 3) continue;
      found.push({ from, to: end });
      open = undefined;
      continue;
    }
    if (line.quoted !== lastQuoted) items = [];
    lastQuoted = line.quoted;
    items = items.filter((column) => column <= line.indent);
    const { rest, indent } = insideItems(line, items);
    const base = items.at(-1) ?? 0;
    // Four columns and more are indented code.
    const marks = indent > base + 3 ? undefined : /^(?:`{3,}(?=[^`]*$)|~{3,})/.exec(rest)?.[0];
    if (marks) {
      const from = rest === line.rest ? index + line.at : index + raw.length - rest.length;
      open = { from, marks, base, quoted: line.quoted };
    }
  }
  return open ? [...found, { from: open.from, to: text.length }] : found;
}

interface Inside {
  readonly quoted: number;
  /** Offset in the line after the marks of quotation. */
  readonly at: number;
  /** Columns of blanks after it. */
  readonly indent: number;
  readonly rest: string;
}

/** @param most marks of quotation to take off; the others are content */
function insideQuotation(line: string, most = Number.POSITIVE_INFINITY): Inside {
  let at = 0;
  let quoted = 0;
  for (const mark = /[ \t]*>/y; quoted < most && mark.test(line); quoted++) {
    at = mark.lastIndex;
    if (line[at] === ' ') at++;
    mark.lastIndex = at;
  }
  const rest = line.slice(at).trimStart();
  return { quoted, at, indent: columns(line.slice(at, line.length - rest.length)), rest };
}

/** Enters the list items that begin on the line, and adds their columns. */
function insideItems({ rest, indent }: Inside, items: number[]): Pick<Inside, 'rest' | 'indent'> {
  for (;;) {
    const mark = /^(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)/.exec(rest)?.[0];
    const isRule = /^([-*_])(?:[ \t]*\1){2,}[ \t]*$/.test(rest);
    if (mark === undefined || isRule || indent > (items.at(-1) ?? 0) + 3) return { rest, indent };
    const content = rest.slice(mark.length).trimStart();
    const blanks = columns(rest.slice(mark.length, rest.length - content.length));
    // Five columns and more are one, followed by indented code.
    items.push(indent + mark.length + (blanks > 4 || content === '' ? 1 : blanks));
    indent += mark.length + blanks;
    rest = content;
  }
}

/** Tabs stop at every fourth. */
function columns(blanks: string): number {
  let column = 0;
  for (const blank of blanks) column += blank === '\t' ? 4 - (column % 4) : 1;
  return column;
}
