import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { examplesOf, runExample, typecheckFiles } from '@pliant/docs';
import { entryPoints, type Manifest } from '../packages/public-packages.js';

/** Imports every entry point in a process of its own. */
export async function checkEntryPoints(folder: string, manifest: Manifest): Promise<string[]> {
  const code = entryPoints(manifest)
    .map((name) => `await import('${name}');`)
    .join('\n');
  return problemsOf(() => runExample(code, join(folder, `import-${fileName(manifest)}.mjs`)));
}

/**
 * Type-checks a strict consumer of all entry points, and each README's first example, library types
 * included.
 */
export function checkTypes(
  folder: string,
  packages: readonly { manifest: Manifest; readme: string }[],
): string[] {
  const files = packages.flatMap(({ manifest, readme }) => [
    writeSource(
      join(folder, `entry-points-${fileName(manifest)}.ts`),
      entryPoints(manifest)
        .map((name, index) => `export * as entry${index} from '${name}';\n`)
        .join(''),
    ),
    writeSource(
      join(folder, `readme-${fileName(manifest)}.ts`),
      examplesOf(readme)[0]?.code ?? 'export {};\n',
    ),
  ]);
  return typecheckFiles(files, { skipLibCheck: false });
}

/** Runs the README's first example. */
export async function checkReadmeExample(
  folder: string,
  manifest: Manifest,
  readme: string,
): Promise<string[]> {
  const [example] = examplesOf(readme);
  if (example === undefined) {
    return ['README.md has no example: a ts code block with an import line'];
  }
  if (example.notRun !== undefined) {
    return [`README.md's first example asks not to be run: ${example.notRun}`];
  }
  return problemsOf(() =>
    runExample(example.code, join(folder, `readme-${fileName(manifest)}.mjs`)),
  );
}

function writeSource(file: string, code: string): string {
  writeFileSync(file, code);
  return file;
}

function fileName({ name }: Manifest): string {
  return name.replace('@pliant/', '');
}

async function problemsOf(run: () => Promise<unknown>): Promise<string[]> {
  try {
    await run();
    return [];
  } catch (error) {
    return [String(error)];
  }
}
