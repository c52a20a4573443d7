import { describe, expect, it } from 'vitest';
import { CapacityPlan } from './capacity-plan.js';
import { KvBlock } from './kv-block.js';

const keep = () => Uint32Array.of(0);
const limits = { maxPositions: 4096 };

/** A block of one layer with one sequence in each of the slots named. */
function block(capacity: number, slots = 1, ...users: readonly number[]): KvBlock {
  const made = new KvBlock({ layers: 1, kvHeads: 1, headDim: 1 }, slots, capacity);
  for (const slot of users.length > 0 ? users : [0]) made.enter(slot);
  return made;
}

describe('CapacityPlan', () => {
  it('takes the first rows while they suffice, then grows by 64 rows or a quarter', () => {
    const plan = new CapacityPlan(limits, 500);
    expect([1, 500, 501, 2000].map((rows) => plan.grown(rows))).toEqual([500, 500, 626, 2500]);
    expect(new CapacityPlan(limits).grown(10)).toBe(74);
  });

  it('stays within the context, and within `maxRows` while that suffices', () => {
    expect(new CapacityPlan({ maxPositions: 100 }, 200).firstRows).toBe(100);
    expect(new CapacityPlan({ maxPositions: 100 }).grown(90)).toBe(100);
    const plan = new CapacityPlan({ maxPositions: 4096, maxRows: 100 });
    expect([90, 100, 101].map((rows) => plan.grown(rows))).toEqual([100, 100, 165]);
    expect(plan.unshared(500, 90)).toBe(100);
  });

  it('keeps the capacity that an edit asked for while it suffices', () => {
    const plan = new CapacityPlan(limits, 500);
    expect(plan.replaced(51, 50)).toBe(500);
    expect(plan.unshared(51, 50)).toBe(114);
    plan.edited({ keep, rowsAhead: 30 });
    expect([plan.replaced(51, 50), plan.replaced(51, 52)]).toEqual([51, 116]);
    expect(plan.unshared(51, 50)).toBe(51);
    plan.edited({ keep });
    expect(plan.replaced(51, 50)).toBe(114);
  });

  it('copies with spare rows, or with as many as an edit asks for', () => {
    const plan = new CapacityPlan(limits, 500);
    expect(plan.copied(4, { keep })).toBe(68);
    expect(plan.copied(2000, { keep })).toBe(2064);
    expect(plan.copied(4, { keep, refeed: 1, rowsAhead: 2 })).toBe(7);
  });

  it('moves rows once a quarter of a buffer and 96 rows are unused', () => {
    const plan = new CapacityPlan(limits);
    expect(plan.shouldMove(block(1000), 750)).toBe(true);
    expect(plan.shouldMove(block(1000), 751)).toBe(false);
    expect(plan.shouldMove(block(100), 4)).toBe(true);
    expect(plan.shouldMove(block(100), 5)).toBe(false);
  });

  it('moves rows to exactly the buffer that an edit asks for, unless sequences share theirs', () => {
    const plan = new CapacityPlan(limits);
    plan.edited({ keep, rowsAhead: 5 });
    expect(plan.shouldMove(block(10), 10)).toBe(false);
    expect(plan.shouldMove(block(11), 10)).toBe(true);
    expect(plan.shouldMove(block(10, 2), 10)).toBe(true);
    expect(plan.shouldMove(block(11, 2, 0, 1), 10)).toBe(false);
    expect(plan.shouldMove(block(9, 2, 0, 1), 10)).toBe(true);
  });

  it('never goes back to the first rows once memory was given back', () => {
    const plan = new CapacityPlan(limits, 500);
    plan.released();
    expect(plan.grown(10)).toBe(74);
    const edited = new CapacityPlan(limits, 500);
    edited.edited({ keep, rowsAhead: 2 });
    expect(edited.grown(10)).toBe(74);
  });

  it('is copied as it stands; what a copy is told does not reach the original', () => {
    const plan = new CapacityPlan(limits, 500);
    const same = plan.fork();
    const kept = plan.fork({ keep });
    const sized = plan.fork({ keep, rowsAhead: 2 });
    expect([same, kept, sized].map((copy) => copy.grown(10))).toEqual([500, 500, 74]);
    expect([same, kept, sized].map((copy) => copy.unshared(6, 6))).toEqual([70, 70, 6]);
    expect(sized.fork().unshared(6, 6)).toBe(6);
    expect([plan.grown(10), plan.unshared(6, 6)]).toEqual([500, 70]);
  });
});
