import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InstallAdvice, installAdvice } from './install-advice.js';
import type { Packed } from './pack.js';
import { runNpm } from './run-npm.js';

/**
 * Makes an npm project in the empty `folder` and installs the tarballs into it, with what their READMEs say to install
 * and to override, and without install scripts. By the `linked` strategy a package resolves only what it declares and
 * what stands at the top of the project, so that one install is nearly as strict as one a package.
 */
export async function installConsumer(
  folder: string,
  packed: readonly Packed[],
  readReadme: (packed: Packed) => string,
): Promise<void> {
  const advice = packed.map((one): InstallAdvice => installAdvice(readReadme(one)));
  const manifest = {
    name: 'consumer',
    private: true,
    type: 'module',
    overrides: Object.assign({}, ...advice.map(({ overrides }) => overrides)),
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  await runNpm(
    folder,
    'install',
    '--ignore-scripts',
    '--install-strategy=linked',
    '--no-audit',
    '--no-fund',
    ...packed.map(({ tarball }) => tarball),
    ...new Set(advice.flatMap(({ packages }) => packages)),
    // What a TypeScript user of Node has.
    '@types/node@20',
  );
}
