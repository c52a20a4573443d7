import { marked } from 'marked';

/**
 * A TypeScript or JavaScript code block of a page that is a whole program: it has an `import` line.
 */
export interface Example {
  /** Place among the page's examples, from 1. */
  readonly number: number;
  readonly code: string;
  /** Why the page asks not to run it: its first line is `// not run: <reason>`. */
  readonly notRun?: string;
}

const languages = new Set(['ts', 'typescript', 'js', 'javascript', 'mjs']);

/**
 * The examples of a Markdown page, in order. Blocks without an `import` line are fragments and are
 * left out.
 */
export function examplesOf(markdown: string): Example[] {
  return codeBlocks(markdown)
    .filter(({ language, code }) => languages.has(language) && /^import\s/m.test(code))
    .map(({ code }, index) => {
      const reason = /^\/\/ not run: (.+)/.exec(code)?.[1];
      return { number: index + 1, code, ...(reason === undefined ? {} : { notRun: reason }) };
    });
}

/** Every fenced code block of a page, also within lists and quotes. */
export function codeBlocks(markdown: string): { language: string; code: string }[] {
  const blocks: { language: string; code: string }[] = [];
  marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type === 'code') {
      blocks.push({ language: token.lang?.split(/\s/)[0] ?? '', code: token.text });
    }
  });
  return blocks;
}

/** Names in the code of a page, blocks and spans. */
export function namesIn(markdown: string): Set<string> {
  const names = new Set<string>();
  marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type !== 'code' && token.type !== 'codespan') return;
    for (const [name] of token.text.matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu))
      names.add(name);
  });
  return names;
}
