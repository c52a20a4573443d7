import type { TextRange } from './text-range.js';

/**
 * The fenced code blocks of a Markdown text, fences included: three or more backticks or tildes at the beginning of a line, up to a line of as
 * many or more of them, or to the end of the text. Indented fences count, as in lists.
 */
export function codeFences(text: string): TextRange[] {
  const found: TextRange[] = [];
  let open: { readonly from: number; readonly fence: string } | undefined;
  for (const { index, 0: line } of text.matchAll(/[^\r\n]+/g)) {
    const fence = /^[ \t]*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined) continue;
    if (!open) open = { from: index, fence };
    else if (fence.startsWith(open.fence) && line.trim() === fence) {
      found.push({ from: open.from, to: index + line.length });
      open = undefined;
    }
  }
  return open ? [...found, { from: open.from, to: text.length }] : found;
}
