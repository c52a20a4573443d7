import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { examplesOf, namesIn } from './examples.js';
import { brokenLinks } from './links.js';
import { markdownFiles } from './markdown-files.js';
import { missingFromReadme } from './readme.js';
import { runExample } from './run-example.js';
import { typecheckFiles } from './typecheck-files.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// Inside this package, so that the examples resolve the workspace's packages as installed ones:
// built, without the source condition.
const folder = fileURLToPath(new URL('../out-tsc/examples', import.meta.url));
const pages = markdownFiles(root).map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}));
const examples = pages.flatMap(({ path, text }) =>
  examplesOf(text).map((example) => ({
    ...example,
    name: `${path} example ${example.number}`,
    file: join(folder, `${path.replaceAll(/[\\/.]/g, '-')}-${example.number}`),
  })),
);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

describe('documentation', () => {
  it.each(pages)('$path links to files that exist', ({ path, text }) => {
    expect(brokenLinks(root, path, text)).toEqual([]);
  });

  it('has examples that type-check against the built packages', () => {
    const sources = examples
      .filter(({ notRun }) => notRun === undefined)
      .map(({ file, code }) => {
        writeFileSync(`${file}.ts`, code);
        return `${file}.ts`;
      });
    expect(typecheckFiles(sources, { skipLibCheck: true })).toEqual([]);
  });

  for (const { name, file, code, notRun } of examples) {
    if (notRun === undefined) {
      it(`${name} runs`, async () => {
        await runExample(code, `${file}.mjs`);
      });
    } else {
      it(`${name} is not run: ${notRun}`, () => {
        expect(notRun.trim()).not.toBe('');
      });
    }
  }
});

describe('package READMEs', () => {
  it.each(readdirSync(join(root, 'packages')))('%s has what its user looks for first', (name) => {
    const readme = pages.find(({ path }) => path === join('packages', name, 'README.md'));
    expect(readme, 'there is a README.md').toBeDefined();
    expect(missingFromReadme(`@pliant/${name}`, readme?.text ?? '')).toEqual([]);
  });

  it.each(readdirSync(join(root, 'packages')))(
    '%s names every function, class and error that the package exports',
    (name) => {
      // The lists that tools/packing compares with the sources. Types are exempt: their family's
      // function is named.
      const listed = readFileSync(join(root, 'tools/packing/exports', `${name}.txt`), 'utf8');
      const exported = [...listed.matchAll(/^ {2}(\w+)$/gm)].map(([, value]) => value);
      expect(exported.length).toBeGreaterThan(0);
      const readme = pages.find(({ path }) => path === join('packages', name, 'README.md'));
      const named = namesIn(readme?.text ?? '');
      expect(exported.filter((value) => !named.has(value))).toEqual([]);
    },
  );
});
