import type { Manifest } from '../packages/public-packages.js';

/**
 * Says what is wrong with a public package's package.json. `versions` are those of the workspace's
 * packages by name.
 */
export function checkManifest(manifest: Manifest, versions: ReadonlyMap<string, string>): string[] {
  const { type, license, sideEffects, engines, publishConfig, exports, scripts } = manifest;
  const expected: [string, boolean][] = [
    ["'type' is not 'module'", type === 'module'],
    ["'license' is not 'Apache-2.0'", license === 'Apache-2.0'],
    ["'sideEffects' is not false", sideEffects === false],
    ["'engines.node' is not '>=20.11'", engines?.node === '>=20.11'],
    ["'publishConfig.access' is not 'public'", publishConfig?.access === 'public'],
    ["'exports' lacks './package.json'", exports?.['./package.json'] !== undefined],
    ...['build', 'typecheck', 'test'].map((script): [string, boolean] => [
      `'scripts' lacks '${script}'`,
      scripts?.[script] !== undefined,
    ]),
    ...['preinstall', 'install', 'postinstall', 'prepare'].map((script): [string, boolean] => [
      `'scripts' has '${script}': nothing may run at install time`,
      scripts?.[script] === undefined,
    ]),
    ['zod is a dependency: it must be a peer', manifest.dependencies?.zod === undefined],
  ];
  return [
    ...expected.filter(([, holds]) => !holds).map(([problem]) => problem),
    ...internalRanges(manifest, versions),
  ];
}

function internalRanges(manifest: Manifest, versions: ReadonlyMap<string, string>): string[] {
  return Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies }).flatMap(
    ([name, range]) => {
      const version = versions.get(name);
      return version === undefined || range === `^${version}`
        ? []
        : [`${name} is asked for as '${range}': the workspace has '^${version}'`];
    },
  );
}
