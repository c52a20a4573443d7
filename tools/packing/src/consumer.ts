import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installAdvice } from './install-advice.js';
import { runNpm } from './run-npm.js';

/**
 * Makes an npm project in the empty `folder` and installs the tarballs into it, with what their READMEs say to install
 * and to override, and without install scripts. By the `linked` strategy a package resolves only what it declares and
 * what stands at the top of the project, so that one install is nearly as strict as one a package.
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
  await runNpm(
    folder,
    'install',
    '--ignore-scripts',
    '--install-strategy=linked',
    '--no-audit',
    '--no-fund',
    ...packages.map(({ tarball }) => tarball),
    ...new Set(advice.flatMap(({ packages: extra }) => extra)),
    // What a TypeScript user of Node has.
    '@types/node@20',
  );
}
