import { posix } from 'node:path';

const required = [
  'package.json',
  'LICENSE',
  'NOTICE',
  'README.md',
  'CHANGELOG.md',
  'dist/index.js',
  'dist/index.d.ts',
];
const unwanted = /\.test\.|\.tsbuildinfo$|(^|\/)(vitest\.config|tsconfig)/;

/**
 * Says what is wrong with the files that a package would ship. `read` gives the text of one of
 * them.
 */
export function checkFiles(files: readonly string[], read: (file: string) => string): string[] {
  const shipped = new Set(files);
  return [
    ...required.filter((file) => !shipped.has(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => unwanted.test(file)).map((file) => `${file} should not be shipped`),
    ...files
      .filter((file) => hasNoSource(file, shipped))
      .map((file) => `${file} has no source: a leftover of an old build`),
    ...files
      .filter((file) => file.endsWith('.map'))
      .flatMap((file) => sourcesOutside(file, shipped, read)),
  ];
}

function hasNoSource(file: string, shipped: ReadonlySet<string>): boolean {
  const module = /^dist\/(.+?)(\.d\.ts\.map|\.js\.map|\.d\.ts|\.js)$/.exec(file)?.[1];
  return module !== undefined && !shipped.has(`src/${module}.ts`);
}

function sourcesOutside(
  map: string,
  shipped: ReadonlySet<string>,
  read: (file: string) => string,
): string[] {
  const { sources } = JSON.parse(read(map)) as { sources: string[] };
  return sources
    .filter((source) => !shipped.has(posix.join(posix.dirname(map), source)))
    .map((source) => `${map} points to ${source}, which is not shipped`);
}
