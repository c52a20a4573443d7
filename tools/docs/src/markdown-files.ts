import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const notOurs = new Set(['node_modules', 'dist', 'out-tsc', 'coverage', 'files', 'models']);

/**
 * Paths of the Markdown files under `folder`, relative to it and sorted; dot folders, built and
 * installed ones are left out.
 */
export function markdownFiles(folder: string, inside = ''): string[] {
  return readdirSync(join(folder, inside), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(inside, entry.name);
      if (entry.isDirectory()) {
        return entry.name.startsWith('.') || notOurs.has(entry.name)
          ? []
          : markdownFiles(folder, path);
      }
      return entry.name.endsWith('.md') ? [path] : [];
    })
    .sort();
}
