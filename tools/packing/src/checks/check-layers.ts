import { specifiersOf } from './check-imports.js';

const core = '@pliant/core';
const engine = [core, `${core}/engine`];

/**
 * Entry points of ours that a package may import besides its own. A package that is not listed is a
 * middleware.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  [core]: [],
  '@pliant/model-smollm2-135m': [],
  '@pliant/engine-ort': engine,
  '@pliant/transformers': engine,
  '@pliant/presets': [core, 'middlewares'],
};

/**
 * A middleware knows core alone: it can be installed without the others, and an engine be replaced
 * without touching it.
 */
const ofMiddlewares = [core];

/** Imports of a package's file, in code or in types, that its layer must not know. */
export function checkLayers(packageName: string, file: string, code: string): string[] {
  const known = allowed[packageName] ?? ofMiddlewares;
  const isKnown = (specifier: string) =>
    `${specifier}/`.startsWith(`${packageName}/`) ||
    known.includes(specifier) ||
    (known.includes('middlewares') && isMiddleware(specifier));
  return specifiersOf(code)
    .filter((specifier) => specifier.startsWith('@pliant/') && !isKnown(specifier))
    .map((specifier) => {
      const those = known.length > 0 ? `only ${known.join(' and ')}` : 'no package of ours';
      return `${file} imports ${specifier}; ${packageName} may import ${those}`;
    });
}

function isMiddleware(specifier: string): boolean {
  return !(specifier.split('/', 2).join('/') in allowed);
}
