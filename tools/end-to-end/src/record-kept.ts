import type { Middleware } from '@pliant/core';

/**
 * A middleware that changes nothing and puts the prompt's rows that decoding sees, but the last,
 * into `kept`: [layer][kvHead], original positions.
 */
export function recordKept(kept: number[][][]): Middleware<'record-kept'> {
  return {
    specificationVersion: 'v1',
    name: 'record-kept',
    requires: [],
    create: () => ({
      editCache(view, _last, { phase, promptEnd }) {
        if (phase === 'decode' && kept.length === 0)
          for (let layer = 0; layer < view.layers; layer++)
            kept.push(
              Array.from({ length: view.kvHeads }, (_, kvHead) =>
                [...view.positions(layer, kvHead)].filter((position) => position < promptEnd - 1),
              ),
            );
        return undefined;
      },
    }),
  };
}
