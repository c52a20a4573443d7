import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Manifest } from '../packages/public-packages.js';
import { packagesImported } from './check-imports.js';

/**
 * Packages whose types users see with ours, and have themselves. Those of others would bind the
 * versions of TypeScript that can be used.
 */
const seen = /^(@pliant\/|zod$)/;

/**
 * Types of other packages that the declarations of a package's entry points reach.
 * @param folder where it is installed
 */
export function checkTypeImports({ exports = {} }: Manifest, folder: string): string[] {
  const open = Object.values(exports).flatMap((entry) =>
    typeof entry === 'object' && entry.types ? [join(folder, entry.types)] : [],
  );
  const reached = new Set<string>();
  const problems: string[] = [];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const text = readFileSync(file, 'utf8');
    for (const name of packagesImported(text))
      if (!seen.test(name)) problems.push(`${relative(folder, file)} shows types of ${name}`);
    for (const [, path = ''] of text.matchAll(/['"](\.\.?\/[^'"]+)\.js['"]/g)) {
      const next = join(dirname(file), `${path}.d.ts`);
      if (existsSync(next)) open.push(next);
    }
  }
  return problems;
}
