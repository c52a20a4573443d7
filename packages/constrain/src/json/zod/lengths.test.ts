import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts, isViablePrefix } from '../../contract/accepts.js';

const text = (value: string) => JSON.stringify(value);

interface Payload {
  readonly value: string;
  readonly issues: object[];
}

/** `max` as zod had it before 4.5, as far as it is asked here. */
class MaxUnits {
  readonly _zod;

  constructor(def: { readonly maximum: number }) {
    const check = ({ value, issues }: Payload) => {
      if (value.length > def.maximum) issues.push({ code: 'custom', message: 'too long' });
    };
    this._zod = {
      def: { ...def, check: 'max_length' },
      constr: MaxUnits,
      traits: new Set(),
      onattach: [],
      check,
    };
  }
}

describe('lengths of zod strings', () => {
  it('are UTF-16 units where the library counts so, refused at once', () => {
    const [three, four] = [z3.string().max(3), z.string().max(3)].map((schema) =>
      jsonSchema(schema),
    );
    expect(isViablePrefix(three, '"😀a')).toBe(true);
    expect(isViablePrefix(three, '"😀😀')).toBe(false);
    expect(isViablePrefix(three, '"😀\\ud83d')).toBe(false);
    expect(isViablePrefix(four, '"😀😀😀')).toBe(true);
    expect(accepts(jsonSchema(z3.string().length(4)), text('😀a😀'))).toBe(false);
    expect(accepts(jsonSchema(z3.string().nonempty()), text('😀'))).toBe(true);
  });

  it('are asked of the class that made a check, of any version of zod 4', () => {
    const older = z.string().check(new MaxUnits({ maximum: 3 }) as never);
    expect(older.safeParse('😀😀').success).toBe(false);
    const constraint = jsonSchema(older);
    expect(isViablePrefix(constraint, '"😀a')).toBe(true);
    expect(isViablePrefix(constraint, '"😀😀')).toBe(false);
  });

  it.each([
    [
      z3
        .string()
        .length(4)
        .regex(/^.{2}$/u),
      ['😀😀'],
      ['ab', 'abcd', '😀a'],
    ],
    [
      z3
        .string()
        .min(3)
        .regex(/^.{1,2}$/u),
      ['😀😀', 'a😀'],
      ['ab', '😀'],
    ],
    [
      z3
        .string()
        .max(2)
        .regex(/^(?:😀|a)+$/u),
      ['a', 'aa', '😀'],
      ['a😀', ''],
    ],
    [z3.string().min(2).max(2).startsWith('😀'), ['😀'], ['😀a', 'ab']],
    [z3.string().max(5).email(), [], ['a@b.c']],
  ])('count with the patterns beside them', async (schema, right, wrong) => {
    const constraint = jsonSchema(schema, { spelling: 'canonical' });
    for (const value of right) {
      expect(schema.safeParse(value).success).toBe(true);
      for (let end = 0; end <= text(value).length; end++)
        if (!/[\ud800-\udbff]$/.test(text(value).slice(0, end)))
          expect(isViablePrefix(constraint, text(value).slice(0, end))).toBe(true);
      expect(await accepts(constraint, text(value)), value).toBe(true);
    }
    for (const value of wrong) {
      expect(schema.safeParse(value).success).toBe(false);
      expect(await accepts(constraint, text(value)), value).toBe(false);
    }
    if (right.length === 0) expect(constraint.start()).toBeUndefined();
  });
});
