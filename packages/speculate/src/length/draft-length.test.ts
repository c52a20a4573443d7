import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draftLength } from './draft-length.js';

const linear = (row: number) => ({ of: (rows: number) => 1 + row * (rows - 1) });
const always = (rate: number) => () => rate;

describe('draftLength', () => {
  it('drafts all it may where drafts are right and further rows cost little', () => {
    expect(draftLength({ accepts: always(0.95), times: linear(0.1), draftTime: 0 }, 7)).toBe(7);
  });

  it('drafts nothing where drafts are mostly wrong, or where they cost what they give', () => {
    expect(draftLength({ accepts: always(0.1), times: linear(0.2), draftTime: 0 }, 7)).toBe(0);
    expect(draftLength({ accepts: always(1), times: linear(0.2), draftTime: 0.9 }, 7)).toBe(0);
    expect(draftLength({ accepts: always(1), times: linear(1), draftTime: 0 }, 7)).toBe(0);
  });

  it('stops where the next token would not pay', () => {
    const accepts = (at: number) => (at < 3 ? 1 : 0);
    expect(draftLength({ accepts, times: linear(0.2), draftTime: 0.1 }, 7)).toBe(3);
  });

  it('drafts nothing before a time is known', () => {
    const unknown = { of: () => undefined };
    expect(draftLength({ accepts: always(1), times: unknown, draftTime: 0 }, 7)).toBe(0);
  });

  it('never expects to be slower than without', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, (rate, row, draftTime) => {
        const length = draftLength({ accepts: always(rate), times: linear(row), draftTime }, 7);
        let tokens = 1;
        for (let i = 1; i <= length; i++) tokens += rate ** i;
        expect(tokens / (1 + row * length + draftTime * length)).toBeGreaterThanOrEqual(
          length > 0 ? 1 : 0,
        );
      }),
    );
  });
});
