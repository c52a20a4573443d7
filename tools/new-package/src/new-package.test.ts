import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conformanceCases } from '@pliant/core/testing';
import ts from 'typescript';
import { beforeEach, describe, expect, it } from 'vitest';
import { newPackage } from './new-package.js';
import { registrations } from './registrations.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// Inside this package, so that what is generated resolves the workspace's packages.
const folder = fileURLToPath(new URL('../out-tsc/checkout', import.meta.url));
const name = 'quiet-words';
const what = 'Makes repeated words less likely.';
const names = { kebab: name, camel: 'quietWords', pascal: 'QuietWords', what };

const copied = [
  'LICENSE',
  'README.md',
  'tsconfig.base.json',
  'tsconfig.json',
  'tsconfig.lib.base.json',
  'tsconfig.spec.base.json',
  'vitest.base.mjs',
  'vitest.base.d.mts',
  'packages/core/package.json',
  'packages/presets',
  'tools/conformance',
  'tools/docs/package.json',
  'tools/end-to-end',
];

function checkout(): void {
  rmSync(folder, { recursive: true, force: true });
  const isSource = (path: string) => !/\/(node_modules|dist|out-tsc)$/.test(path);
  for (const path of copied)
    cpSync(join(root, path), join(folder, path), { recursive: true, filter: isSource });
}

const read = (path: string) => readFileSync(join(folder, path), 'utf8');

describe('newPackage', () => {
  beforeEach(checkout);

  it('writes a package that compiles, entered wherever packages are listed', {
    timeout: 180_000,
  }, () => {
    const paths = newPackage(folder, name, what);
    expect(paths.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
    expect(paths).toEqual(expect.arrayContaining(Object.keys(registrations(names))));
    expect(errorsIn(paths.filter((path) => path.endsWith('.ts')))).toEqual([]);
    for (const path of Object.keys(registrations(names))) expect(read(path)).toContain(name);
  });

  it.each([
    ['Quiet', what],
    ['quiet-', what],
    ['../quiet', what],
    [name, 'no sentence'],
  ])('refuses the name %s with the sentence %s', (wrong, sentence) => {
    expect(() => newPackage(folder, wrong, sentence)).toThrow(/must be/);
    expect(existsSync(join(folder, 'packages', wrong))).toBe(false);
  });

  it('refuses a package that exists', () => {
    mkdirSync(join(folder, 'packages', name));
    expect(() => newPackage(folder, name, what)).toThrow(/exists already/);
  });

  it('writes nothing if a file that it changes has another form', () => {
    writeFileSync(join(folder, 'packages/presets/src/registry.ts'), 'export const none = {};\n');
    expect(() => newPackage(folder, name, what)).toThrow(/registry\.ts: the place .* is not there/);
    expect(existsSync(join(folder, 'packages', name))).toBe(false);
    expect(read('tsconfig.json')).not.toContain(name);
  });
});

describe('the middleware that it writes', async () => {
  checkout();
  newPackage(folder, name, what);
  const { quietWords } = await import(join(folder, 'packages', name, 'src/index.ts'));
  const cases = conformanceCases({
    name,
    neutral: () => quietWords({ penalty: 0 }),
    active: () => quietWords({ penalty: 2 }),
    refuses: [() => quietWords({ penalty: -1 })],
    losslessWithProposals: true,
  });
  for (const one of cases) it(one.name, one.run);
});

/** What the compiler says about files of the checkout, with the options of the workspace. */
function errorsIn(paths: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const source = (of: string) => [join(folder, 'packages', of, 'src/index.ts')];
  const program = ts.createProgram(
    paths.map((path) => join(folder, path)),
    {
      ...options,
      composite: false,
      incremental: false,
      declaration: false,
      declarationMap: false,
      noEmit: true,
      skipLibCheck: true,
      // What is built of the other packages.
      customConditions: [],
      paths: { [`@pliant/${name}`]: source(name), '@pliant/presets': source('presets') },
    },
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
}
