import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indicesOf } from '../tokens/marks.js';
import type { TokenRange, Unit } from '../tokens/token-range.js';
import { type Filling, fillBudget } from './fill-budget.js';

const block = (from: number, to: number): TokenRange => ({ from, to });
const none = new Uint8Array(10);
const filled = (required: Uint8Array, ranked: readonly Unit[], filling: Filling) =>
  indicesOf(fillBudget(required, ranked, filling));

describe('fillBudget', () => {
  it('takes the best blocks that fit, smaller ones after one that does not', () => {
    const ranked = [block(4, 6), block(6, 10), block(0, 1), block(1, 4)];
    expect([...filled(none, ranked, { keep: 3 })]).toEqual([0, 4, 5]);
    expect([...filled(none, ranked, { keep: 6 })]).toEqual([4, 5, 6, 7, 8, 9]);
    expect([...filled(none, ranked, { keep: 1 })]).toEqual([0]);
  });

  it('first completes blocks of which a part is required', () => {
    const required = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1);
    const ranked = [block(0, 3), block(3, 7), block(7, 10)];
    expect([...filled(required, ranked, { keep: 5 })]).toEqual([7, 8, 9]);
    expect([...filled(required, ranked, { keep: 6 })]).toEqual([0, 1, 2, 7, 8, 9]);
    // Where it does not fit, its required part stays.
    expect([...filled(required, [block(0, 1), block(1, 10)], { keep: 3 })]).toEqual([0, 8, 9]);
  });

  it('takes what is to come first before the best', () => {
    const ranked = [block(4, 6), block(0, 1), block(6, 8)];
    expect([
      ...filled(none, ranked, { keep: 3, first: [[block(1, 9), block(6, 8), block(8, 9)]] }),
    ]).toEqual([0, 6, 7]);
  });

  it('gives each message its share, and the rest to the best', () => {
    const tokens = Array.from(none, (_, i) => block(9 - i, 10 - i));
    const messages = [block(0, 6), block(7, 9)];
    // 6 and 2 of 10: shares of 3 and 1 of 5; one is left over.
    expect([...filled(none, tokens, { keep: 5, messages })]).toEqual([3, 4, 5, 8, 9]);
    // What a message keeps in any case is not of its share.
    const required = Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 0, 0, 0);
    expect([...filled(required, tokens, { keep: 8, messages })]).toEqual([0, 1, 2, 3, 4, 5, 8, 9]);
  });

  it("gives what a message's share leaves unused to the best of the rest", () => {
    const singles = [4, 5, 6, 7, 8, 9].map((token) => block(token, token + 1));
    // The first message's share of 5 is 2, and its only block needs 4.
    const messages = [block(0, 4), block(4, 10)];
    expect([...filled(none, [block(0, 4), ...singles], { keep: 5, messages })]).toEqual([
      4, 5, 6, 7, 8,
    ]);
  });

  it('never exceeds the budget, never splits a block, and keeps what is required', () => {
    const cases = fc.record({
      widths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 }),
      order: fc.infiniteStream(fc.nat()),
      required: fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
      room: fc.nat(20),
      split: fc.nat(40),
    });
    fc.assert(
      fc.property(cases, ({ widths, order, required: marks, room, split }) => {
        let end = 0;
        const blocks = widths.map((width) => {
          end += width;
          return block(end - width, end);
        });
        const keys = new Map(blocks.map((found) => [found, order.next().value ?? 0]));
        const ranked = [...blocks].sort((a, b) => keys.get(a)! - keys.get(b)!);
        const required = Uint8Array.from({ length: end }, () => (marks.next().value === 0 ? 1 : 0));
        const count = required.filter((mark) => mark === 1).length;
        const border = Math.min(split, end);
        const messages = [block(0, border), block(border, end)];
        for (const filling of [{}, { messages }]) {
          const kept = filled(required, ranked, { keep: count + room, ...filling });
          expect(kept.length).toBeLessThanOrEqual(count + room);
          expect([...kept]).toEqual([...new Set(kept)].sort((a, b) => a - b));
          required.forEach((mark, token) => {
            if (mark === 1) expect(kept).toContain(token);
          });
          for (const { from, to } of blocks) {
            const tokens = kept.filter((token) => token >= from && token < to);
            const own = required.subarray(from, to).filter((mark) => mark === 1).length;
            expect([own, to - from]).toContain(tokens.length);
          }
        }
      }),
      { seed: 2 },
    );
  });
});
