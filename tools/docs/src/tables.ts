import { marked } from 'marked';

/** A table of a page, its cells as written. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The tables of a Markdown page, in order. */
export function tablesOf(markdown: string): Table[] {
  const tables: Table[] = [];
  marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type !== 'table') return;
    const texts = (cells: readonly { readonly text: string }[]) => cells.map(({ text }) => text);
    tables.push({ head: texts(token.header), rows: token.rows.map(texts) });
  });
  return tables;
}

/**
 * Names in a cell: code spans that are a name alone, or a call of one: `keep`, `tova()`, but not
 * `'auto'`.
 */
export function namesOfCell(cell: string): string[] {
  return [...cell.matchAll(/`([\w-]+)(?:\([^`]*\))?`/g)].map(([, name]) => name);
}
