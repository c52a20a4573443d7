import { isBuiltin } from 'node:module';
import ts from 'typescript';
import type { Manifest } from '../packages/public-packages.js';

/**
 * Packages that built files import, in code or in types, without declaring them. `read` gives the
 * text of a file.
 */
export function checkImports(
  manifest: Manifest,
  files: readonly string[],
  read: (file: string) => string,
): string[] {
  const declared = new Set([
    manifest.name,
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ]);
  return files
    .filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))
    .flatMap((file) =>
      packagesImported(read(file))
        .filter((name) => !declared.has(name))
        .map((name) => `${file} imports ${name}, which package.json does not declare`),
    );
}

/** Names of the packages that a file imports, but for those of Node. */
export function packagesImported(code: string): string[] {
  return specifiersOf(code).map((specifier) =>
    specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'),
  );
}

/**
 * Packages that a file imports by name, in code or in types, but for Node's own modules:
 * `@pliant/core/testing`, `zod/v4`.
 */
export function specifiersOf(code: string): string[] {
  return ts
    .preProcessFile(code, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier));
}
