import { linesOf } from './lines/lines.js';
import type { TextRange } from './text-range.js';

export interface Table {
  /** The row of names and the row of dashes below it. */
  readonly head: TextRange;
  /** The rows below. */
  readonly rows: TextRange;
}

const dashes = /^\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$/;

/** The tables of a Markdown text. */
export function tablesOf(text: string): Table[] {
  const lines = linesOf(text);
  const tables: Table[] = [];
  lines.forEach(({ body, to, next }, index) => {
    const names = lines[index - 1];
    if (!dashes.test(text.slice(body, to)) || !names || names.body === names.to) return;
    let last = index;
    while (lines[last + 1] && text.slice(lines[last + 1].body, lines[last + 1].to).includes('|'))
      last++;
    if (last > index)
      tables.push({
        head: { from: names.from, to: next },
        rows: { from: next, to: lines[last].next },
      });
  });
  return tables;
}
