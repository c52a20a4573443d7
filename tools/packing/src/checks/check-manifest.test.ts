import { describe, expect, it } from 'vitest';
import type { Manifest } from '../packages/public-packages.js';
import { checkManifest } from './check-manifest.js';

const good: Manifest = {
  name: '@pliant/x',
  version: '0.2.0',
  type: 'module',
  license: 'Apache-2.0',
  sideEffects: false,
  engines: { node: '>=20.11' },
  publishConfig: { access: 'public' },
  exports: { './package.json': './package.json' },
  scripts: { build: 'b', typecheck: 't', test: 'v' },
  dependencies: { '@pliant/core': '^0.1.0', koffi: '3.3.4' },
  peerDependencies: { zod: '^4.0.0' },
};
const versions = new Map([['@pliant/core', '0.1.0']]);

describe('checkManifest', () => {
  it('accepts a good one', () => {
    expect(checkManifest(good, versions)).toEqual([]);
  });

  it.each<[string, Partial<Manifest>]>([
    ["'type' is not 'module'", { type: 'commonjs' }],
    ["'license' is not 'Apache-2.0'", { license: 'MIT' }],
    ["'sideEffects' is not false", { sideEffects: true }],
    ["'engines.node' is not '>=20.11'", { engines: {} }],
    ["'publishConfig.access' is not 'public'", { publishConfig: {} }],
    ["'exports' lacks './package.json'", { exports: {} }],
    ["'scripts' lacks 'test'", { scripts: { build: 'b', typecheck: 't' } }],
    [
      "'scripts' has 'postinstall': nothing may run at install time",
      { scripts: { ...good.scripts, postinstall: 'node fetch.js' } },
    ],
    ['zod is a dependency: it must be a peer', { dependencies: { zod: '^4.0.0' } }],
    [
      "@pliant/core is asked for as '*': the workspace has '^0.1.0'",
      { dependencies: { '@pliant/core': '*' } },
    ],
  ])('says: %s', (problem, change) => {
    expect(checkManifest({ ...good, ...change }, versions)).toEqual([problem]);
  });
});
