import type { Decoder } from '@pliant/core';

/**
 * How many first layers of a model draft: as its descriptor says, else the share that serves the
 * embedded model.
 */
export function draftLayers({ defaults, shape }: Pick<Decoder, 'defaults' | 'shape'>): number {
  const measured = defaults?.['prompt-compress'] as { readonly draft?: number } | undefined;
  return measured?.draft ?? Math.max(1, Math.round((shape.layers * 8) / 30));
}
