import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder `files` of this package. In a bundle, `import.meta.url` is missing or names another
 * place: there the package is looked for where the program runs, so it has to be installed beside
 * the bundle.
 */
export function findFiles(): string {
  const own: string | undefined = import.meta.url;
  const beside = own && path.join(fileURLToPath(own), '../../files');
  if (beside && existsSync(beside)) return beside;
  const bundle = typeof __filename === 'string' ? __filename : undefined;
  for (const base of [bundle, process.argv[1], path.join(process.cwd(), 'index.js')])
    try {
      const manifest = createRequire(base!).resolve('@pliant/model-smollm2-135m/package.json');
      return path.join(manifest, '../files');
    } catch {
      // Not installed for that file.
    }
  // Opening it says that it does not exist.
  return beside ?? path.resolve('node_modules/@pliant/model-smollm2-135m/files');
}
