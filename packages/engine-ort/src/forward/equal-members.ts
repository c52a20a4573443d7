import type { ForwardInput } from '@pliant/core';
import type { KvCache } from '../cache/kv-cache.js';
import type { Member } from './step-tensors.js';

/** Groups of members that compute the same, by the one that computes for all. */
export type EqualMembers<M extends Member> = ReadonlyMap<M, readonly M[]>;

/**
 * Groups identical forks, so that each group is computed once. Forks are identical if they share
 * all rows, read the same token and want only logits. Forks of one prompt often stay identical for
 * many tokens.
 * @param members one token each
 */
export function groupEqual<M extends Member>(members: readonly M[]): EqualMembers<M> {
  const groups = new Map<M, M[]>();
  for (const member of members) {
    const first = [...groups.keys()].find((other) => areEqual(other, member));
    if (first) groups.get(first)!.push(member);
    else groups.set(member, []);
  }
  return groups;
}

function areEqual(a: Member, b: Member): boolean {
  return (
    a.checked.ids[0] === b.checked.ids[0] &&
    a.checked.positions[0] === b.checked.positions[0] &&
    wantsLogitsAlone(a.input) &&
    wantsLogitsAlone(b.input) &&
    a.cache.sharesAll(b.cache)
  );
}

/** Refuses every other want, so that one added later is computed for each member alone. */
function wantsLogitsAlone({ want = {} }: ForwardInput): boolean {
  const { logits = 'last', ...rest } = want;
  return logits === 'last' && Object.values(rest).every((value) => !value);
}

/**
 * Detaches the others from the rows while one of each group writes. They rejoin where it is then.
 */
export async function whileAlone<M extends { readonly cache: KvCache }, T>(
  groups: ReadonlyMap<M, readonly M[]>,
  run: () => Promise<T>,
): Promise<T> {
  for (const others of groups.values()) for (const { cache } of others) cache.leave();
  try {
    return await run();
  } finally {
    for (const [{ cache: first }, others] of groups)
      for (const { cache } of others) cache.rejoin(first);
  }
}
