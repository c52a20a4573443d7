import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBundles } from './checks/check-bundles.js';
import { checkEntryPoints, checkReadmeExample, checkTypes } from './checks/check-consumer.js';
import { checkFiles } from './checks/check-files.js';
import { checkImports } from './checks/check-imports.js';
import { checkLayers } from './checks/check-layers.js';
import { checkManifest } from './checks/check-manifest.js';
import { checkPublint } from './checks/check-publint.js';
import { checkTypeImports } from './checks/check-type-imports.js';
import { installConsumer, installOtherPeers } from './packages/consumer.js';
import { type Packed, pack } from './packages/pack.js';
import { publicPackages } from './packages/public-packages.js';

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
  const packed = await Promise.all(publicPackages(root).map((one) => pack(one, tarballs)));
  for (const { manifest, files, bytes } of packed) {
    const megabytes = (bytes / 1e6).toFixed(2);
    console.log(`${manifest.name} ${manifest.version}: ${files.length} files, ${megabytes} MB`);
  }
  const packages = packed.map((one) => ({ ...one, readme: readmeOf(one) }));
  await installConsumer(consumer, packages);
  const versions = new Map(packed.map(({ manifest }) => [manifest.name, manifest.version]));
  for (const one of packages) {
    await checkPackage(one, consumer, versions);
  }
  report('all packages, types', checkTypes(consumer, packages));
  for (const { manifest, readme } of packages) {
    const peers = await installOtherPeers(consumer, manifest);
    if (peers.length > 0) {
      const check = `${manifest.name}, README example with ${peers.join(' and ')}`;
      report(check, await checkReadmeExample(consumer, manifest, readme));
    }
  }
  report('all packages, bundled', await checkBundles(consumer));
}

async function checkPackage(
  { manifest, files, readme }: Packed & { readme: string },
  consumer: string,
  versions: ReadonlyMap<string, string>,
): Promise<void> {
  const { name } = manifest;
  const installed = join(consumer, 'node_modules', name);
  const read = (file: string) => readFileSync(join(installed, file), 'utf8');
  report(`${name}, manifest`, checkManifest(manifest, versions));
  report(`${name}, files`, checkFiles(files, read));
  report(`${name}, imports`, checkImports(manifest, files, read));
  report(`${name}, layers`, layersOf(name, files, read));
  report(`${name}, types shown`, checkTypeImports(manifest, installed));
  report(`${name}, publint`, await checkPublint(installed));
  report(`${name}, entry points`, await checkEntryPoints(consumer, manifest));
  report(`${name}, README example`, await checkReadmeExample(consumer, manifest, readme));
}

function layersOf(
  name: string,
  files: readonly string[],
  read: (file: string) => string,
): string[] {
  return files
    .filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))
    .flatMap((file) => checkLayers(name, file, read(file)));
}

function report(check: string, found: readonly string[]): void {
  passed += found.length === 0 ? 1 : 0;
  problems.push(...found.map((problem) => `${check}: ${problem}`));
}

/** The text of a package's README.md; empty when it ships none, which its other checks report. */
function readmeOf({ folder, files }: Packed): string {
  return files.includes('README.md') ? readFileSync(join(folder, 'README.md'), 'utf8') : '';
}
