import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkEntryPoints, checkReadmeExample, checkTypes } from './check-consumer.js';
import { checkFiles } from './check-files.js';
import { checkImports } from './check-imports.js';
import { checkManifest } from './check-manifest.js';
import { checkPublint } from './check-publint.js';
import { installConsumer } from './consumer.js';
import { type Packed, pack } from './pack.js';
import { publicPackages } from './public-packages.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pliant-packing-'));
const problems: string[] = [];
let passed = 0;

try {
  await checkAll();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of problems) {
  console.error(problem);
}
console.log(`${passed} checks passed, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function checkAll(): Promise<void> {
  const tarballs = join(folder, 'tarballs');
  const consumer = join(folder, 'consumer');
  mkdirSync(tarballs);
  mkdirSync(consumer);
  const packages = publicPackages(root);
  const packed = await Promise.all(packages.map((one) => pack(one, tarballs)));
  for (const { manifest, files, bytes } of packed) {
    console.log(
      `${manifest.name} ${manifest.version}: ${files.length} files, ${(bytes / 1e6).toFixed(2)} MB`,
    );
  }
  await installConsumer(consumer, packed, (one) =>
    one.files.includes('README.md') ? readFileSync(join(one.folder, 'README.md'), 'utf8') : '',
  );
  const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));
  for (const one of packed) {
    await checkPackage(one, consumer, versions);
  }
}

async function checkPackage(
  { manifest, files }: Packed,
  consumer: string,
  versions: ReadonlyMap<string, string>,
): Promise<void> {
  const installed = join(consumer, 'node_modules', manifest.name);
  const read = (file: string) => readFileSync(join(installed, file), 'utf8');
  const readme = files.includes('README.md') ? read('README.md') : '';
  const report = (check: string, found: readonly string[]) => {
    passed += found.length === 0 ? 1 : 0;
    problems.push(...found.map((problem) => `${manifest.name}, ${check}: ${problem}`));
  };
  report('manifest', checkManifest(manifest, versions));
  report('files', checkFiles(files, read));
  report('imports', checkImports(manifest, files, read));
  report('publint', await checkPublint(installed));
  report('entry points', await checkEntryPoints(consumer, manifest));
  report('types', checkTypes(consumer, manifest, readme));
  report('README example', await checkReadmeExample(consumer, manifest, readme));
}
