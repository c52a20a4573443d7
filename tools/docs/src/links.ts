import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { marked } from 'marked';

/**
 * Relative links and images of `page` (a path relative to `root`) that lead to no file or folder.
 */
export function brokenLinks(root: string, page: string, markdown: string): string[] {
  return relativeLinks(markdown).filter((link) => {
    const path = decodeURIComponent(link.split('#')[0] as string);
    const start = path.startsWith('/') ? root : join(root, dirname(page));
    return path !== '' && !existsSync(join(start, path));
  });
}

function relativeLinks(markdown: string): string[] {
  const links: string[] = [];
  marked.walkTokens(marked.lexer(markdown), (token) => {
    if (
      (token.type === 'link' || token.type === 'image') &&
      !/^[a-z][a-z\d+.-]*:/i.test(token.href)
    ) {
      links.push(token.href);
    }
  });
  return links;
}
