import type { Kind } from './kind.js';

/** Items that were there, by their canonical text, newest first. */
export interface SeenItems {
  readonly id: number;
  readonly canonical: string;
  readonly kind: Kind;
  /** Bytes of a string, text of a number. */
  readonly scalar: string | undefined;
  readonly before: SeenItems | undefined;
}

export function hasItem(items: SeenItems | undefined, canonical: string): boolean {
  for (let at = items; at; at = at.before) if (at.canonical === canonical) return true;
  return false;
}

/** Strings or numbers among the items. */
export function scalarsOf(items: SeenItems | undefined, kind: Kind): string[] {
  const scalars: string[] = [];
  for (let at = items; at; at = at.before)
    if (at.kind === kind && at.scalar !== undefined) scalars.push(at.scalar);
  return scalars;
}
