import { KvBlock, type KvShape } from './kv-block.js';
import type { KvCache } from './kv-cache.js';

/**
 * Moves sequences that step together into the first slots of shared blocks, one block a layer, so
 * repeated steps copy nothing. When the members change, those that have a place keep it: only
 * newcomers are copied, into slots that others left. All rows move only if a block is full, or more
 * than twice as large as needed.
 * @param runs the layers that will write one row each
 * @param most largest number of members to expect: a new block has this many slots
 * @returns the caches in the order of their slots
 * @throws OutOfMemoryError
 */
export function gatherSlots(
  shape: KvShape,
  caches: readonly KvCache[],
  runs: (layer: number) => boolean,
  most = caches.length,
): readonly KvCache[] {
  const order = seat(caches, most);
  for (let layer = 0; layer < shape.layers; layer++) {
    const extra = runs(layer) ? 1 : 0;
    if (inPlace(order, layer, extra)) continue;
    const host = hostOf(order, layer, most);
    const block =
      host && takes(host, order, layer, extra) ? host : renewed(shape, order, layer, extra, most);
    order.forEach((cache, slot) => {
      const held = cache.layer(layer);
      if (held.block === block && held.slot === slot) return;
      held.moveTo(block, slot);
      cache.version++;
    });
  }
  return order;
}

/**
 * Assigns the slots. If the first layer has a block for the caches, its members stay and the others
 * fill the gaps.
 */
function seat(caches: readonly KvCache[], most: number): readonly KvCache[] {
  const host = hostOf(caches, 0, most);
  const seats = new Map<number, KvCache>();
  for (const cache of caches) {
    const { block, slot } = cache.layer(0);
    if (block === host && slot < caches.length && !seats.has(slot)) seats.set(slot, cache);
  }
  const seated = new Set(seats.values());
  const others = caches.filter((cache) => !seated.has(cache)).values();
  return caches.map((_, slot) => seats.get(slot) ?? (others.next().value as KvCache));
}

/**
 * The block that holds the rows of most caches, if it has a slot for each and is not far too large.
 */
function hostOf(caches: readonly KvCache[], layer: number, most: number): KvBlock | undefined {
  const counts = new Map<KvBlock, number>();
  for (const cache of caches) {
    const { block } = cache.layer(layer);
    const isFit = block.slots >= caches.length && block.slots <= 2 * most;
    if (isFit) counts.set(block, (counts.get(block) ?? 0) + 1);
  }
  let host: KvBlock | undefined;
  for (const [block, count] of counts)
    if (host === undefined || count > counts.get(host)!) host = block;
  return host;
}

/**
 * Whether the caches fit into a block in this order: each has room for a row, and no other sequence
 * is in the way.
 */
function takes(block: KvBlock, order: readonly KvCache[], layer: number, extra: number): boolean {
  const members = new Uint32Array(block.slots);
  for (const cache of order) {
    const held = cache.layer(layer);
    if (held.rows + extra > block.capacity) return false;
    if (held.block === block) members[held.slot]++;
  }
  return order.every((cache, slot) => {
    if (block.sharers(slot) !== members[slot]) return false;
    const held = cache.layer(layer);
    return members[slot] === 0 || (held.block === block && held.slot === slot);
  });
}

function renewed(
  shape: KvShape,
  order: readonly KvCache[],
  layer: number,
  extra: number,
  slots: number,
): KvBlock {
  const capacity = Math.max(
    1,
    ...order.map((cache) => cache.capacityFor(layer, cache.rows(layer) + extra)),
  );
  return new KvBlock(shape, slots, capacity);
}

function inPlace(order: readonly KvCache[], layer: number, extra: number): boolean {
  const { block } = order[0].layer(layer);
  return order.every((cache, slot) => {
    const held = cache.layer(layer);
    const isHere = held.block === block && held.slot === slot && !held.isShared;
    return isHere && held.rows + extra <= held.capacity;
  });
}
