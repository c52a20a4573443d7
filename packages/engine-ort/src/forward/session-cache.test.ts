import { describe, expect, it } from 'vitest';
import type { RuntimeSession } from '../runtime/runtime.js';
import { SessionCache } from './session-cache.js';

interface FakeSession extends RuntimeSession {
  readonly name: string;
}

/** A cache of sessions of 10 bytes each. */
function open(memory: number) {
  const closed: string[] = [];
  let warnings = 0;
  const cache = new SessionCache(memory, () => warnings++);
  const owner = {};
  const get = (name: string, bytes = 10, of: object = owner) =>
    cache.get({
      owner: of,
      name,
      bytes,
      build: async () =>
        ({ name, close: async () => closed.push(name) }) as unknown as RuntimeSession,
      hold: () => undefined,
    }) as Promise<FakeSession>;
  return { cache, owner, get, closed, warnings: () => warnings };
}

describe('SessionCache', () => {
  it('builds what is asked for once, while there is room', async () => {
    const { cache, owner, get, closed } = open(50);
    for (const name of ['a', 'b', 'c', 'a', 'b']) await get(name);
    expect(cache.names(owner)).toEqual(['c', 'a', 'b']);
    expect([cache.builds, cache.rebuilds, closed]).toEqual([3, 0, []]);
  });

  it('lets nothing go that is in use, whatever it takes', async () => {
    const { cache, owner, get, closed } = open(20);
    const held: RuntimeSession[] = [];
    cache.addHolder(() => held);
    for (const name of ['a', 'b', 'c', 'd']) held.push(await get(name));
    expect([cache.names(owner), closed]).toEqual([['a', 'b', 'c', 'd'], []]);
    held.splice(0, 3);
    await get('e');
    expect([cache.names(owner), closed.sort()]).toEqual([
      ['d', 'e'],
      ['a', 'b', 'c'],
    ]);
  });

  it('counts what is built again, and tells', async () => {
    const { cache, get, warnings } = open(10);
    for (const name of ['a', 'b', 'a', 'b']) await get(name);
    expect([cache.builds, cache.rebuilds, warnings()]).toEqual([4, 2, 2]);
  });

  it('lets the sessions of all owners make room, and closes those of one', async () => {
    const { cache, owner, get, closed } = open(20);
    const draft = {};
    await get('a');
    await get('a', 5, draft);
    await get('b', 10, draft);
    expect(closed.length).toBe(1);
    await cache.closeOf(draft);
    expect(cache.names(draft)).toEqual([]);
    expect(cache.names(owner).length + closed.length).toBe(3);
    expect(cache.fits(20)).toBe(cache.names(owner).length === 0);
  });

  it('keeps a holder no longer than asked', async () => {
    const { cache, owner, get } = open(10);
    const first = await get('a');
    const remove = cache.addHolder(() => [first]);
    await get('b');
    expect(cache.names(owner)).toEqual(['a', 'b']);
    remove();
    await get('c');
    expect(cache.names(owner)).toEqual(['c']);
  });
});
