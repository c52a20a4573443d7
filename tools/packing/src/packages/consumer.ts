import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installAdvice } from './install-advice.js';
import type { Manifest } from './public-packages.js';
import { runNpm } from './run-npm.js';

/**
 * Makes an npm project in the empty `folder` and installs the tarballs into it, with what their
 * READMEs say to install and to override, and without install scripts.
 */
export async function installConsumer(
  folder: string,
  packages: readonly { tarball: string; readme: string }[],
): Promise<void> {
  const advice = packages.map(({ readme }) => installAdvice(readme));
  const manifest = {
    name: 'consumer',
    private: true,
    type: 'module',
    overrides: Object.assign({}, ...advice.map(({ overrides }) => overrides)),
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  await installInto(folder, [
    ...packages.map(({ tarball }) => tarball),
    ...new Set(advice.flatMap((one) => one.packages)),
    // The types that a TypeScript user of Node has.
    '@types/node@20',
  ]);
}

/**
 * Installs the optional peers of a package that the project lacks so far, and returns their names.
 */
export async function installOtherPeers(folder: string, manifest: Manifest): Promise<string[]> {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const names = Object.keys(peerDependenciesMeta).filter(
    (name) =>
      peerDependenciesMeta[name]?.optional && !existsSync(join(folder, 'node_modules', name)),
  );
  if (names.length > 0) {
    await installInto(
      folder,
      names.map((name) => `${name}@${peerDependencies[name]}`),
    );
  }
  return names;
}

/** Without install scripts. */
export async function installInto(folder: string, packages: readonly string[]): Promise<void> {
  await runNpm(folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages);
}
