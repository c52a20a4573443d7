import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { namesOf } from './names.js';
import { packageFiles } from './package-files.js';
import { registrations } from './registrations.js';

/**
 * Writes a middleware package that works and passes the matrix, and enters it wherever packages are
 * listed.
 * @param root of the repository
 * @param name kebab-case
 * @param what one sentence: what it does
 * @returns the paths written, relative to `root`
 * @throws Error for a wrong name or sentence, for a package that exists, or if a file to be changed
 * has another form; nothing is written then
 */
export function newPackage(root: string, name: string, what: string): string[] {
  const names = namesOf(name, what);
  const folder = join('packages', names.kebab);
  if (existsSync(join(root, folder))) throw new Error(`${folder} exists already`);
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const coreVersion: string = JSON.parse(read('packages/core/package.json')).version;
  const texts = new Map<string, string>();
  for (const [path, text] of Object.entries(packageFiles(names, coreVersion)))
    texts.set(join(folder, path), text);
  for (const [path, change] of Object.entries(registrations(names)))
    texts.set(
      path,
      changedText(path, change, existsSync(join(root, path)) ? read(path) : undefined),
    );
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const licence = join(folder, 'LICENSE');
  copyFileSync(join(root, 'LICENSE'), join(root, licence));
  return [...texts.keys(), licence].sort();
}

function changedText(
  path: string,
  change: (text: string | undefined) => string,
  text: string | undefined,
): string {
  try {
    return change(text);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}
