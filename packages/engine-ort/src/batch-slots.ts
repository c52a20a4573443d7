import { KvBlock, type KvShape } from './kv-block.js';
import type { KvCache } from './kv-cache.js';

/**
 * Brings sequences that step together into the first slots of shared blocks, one block a layer, so that repeated steps copy
 * nothing. Rows move only when the members change or a block is full.
 * @param runs the layers that will write one row each
 * @returns the caches in the order of their slots
 * @throws OutOfMemoryError
 */
export function gatherSlots(
  shape: KvShape,
  caches: readonly KvCache[],
  runs: (layer: number) => boolean,
): readonly KvCache[] {
  const order = [...caches].sort((a, b) => a.layer(0).slot - b.layer(0).slot);
  for (let layer = 0; layer < shape.layers; layer++) {
    const extra = runs(layer) ? 1 : 0;
    if (inPlace(order, layer, extra)) continue;
    const capacity = Math.max(
      1,
      ...order.map((cache) => cache.capacityFor(layer, cache.rows(layer) + extra)),
    );
    const block = new KvBlock(shape, order.length, capacity);
    order.forEach((cache, slot) => {
      cache.layer(layer).moveTo(block, slot);
      cache.version++;
    });
  }
  return order;
}

function inPlace(order: readonly KvCache[], layer: number, extra: number): boolean {
  const { block } = order[0].layer(layer);
  return order.every((cache, slot) => {
    const held = cache.layer(layer);
    return held.block === block && held.slot === slot && held.rows + extra <= held.capacity;
  });
}
