import { specifiersOf } from './check-imports.js';

const engine = ['@pliant/core', '@pliant/core/engine'];

/**
 * Entry points of ours that a package may import, in code or in types, besides its own. A package that is not listed is a middleware:
 * it knows `@pliant/core` alone, so that it can be installed without the others and an engine be replaced without touching it.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  '@pliant/core': [],
  '@pliant/model-smollm2-135m': [],
  '@pliant/engine-ort': engine,
  '@pliant/transformers': engine,
  '@pliant/presets': [
    '@pliant/core',
    '@pliant/constrain',
    '@pliant/kv-drop',
    '@pliant/layer-skip',
    '@pliant/prompt-compress',
    '@pliant/speculate',
  ],
};
const ofMiddlewares = ['@pliant/core'];

/** Imports of a package's file that its layer must not know. */
export function checkLayers(packageName: string, file: string, code: string): string[] {
  const known = allowed[packageName] ?? ofMiddlewares;
  const isOwn = (specifier: string) => `${specifier}/`.startsWith(`${packageName}/`);
  return specifiersOf(code)
    .filter((specifier) => specifier.startsWith('@pliant/') && !isOwn(specifier))
    .filter((specifier) => !known.includes(specifier))
    .map((specifier) => {
      const those = known.length > 0 ? `only ${known.join(', ')}` : 'no package of ours';
      return `${file} imports ${specifier}; ${packageName} may import ${those}`;
    });
}
