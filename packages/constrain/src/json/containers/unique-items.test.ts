import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts, isViablePrefix } from '../../contract/accepts.js';

describe('uniqueItems', () => {
  it('leaves numbers out in every spelling, and goes on to longer ones', () => {
    const constraint = jsonSchema({ type: 'array', uniqueItems: true, items: { type: 'number' } });
    expect(isViablePrefix(constraint, '[1,10,1')).toBe(true);
    for (const text of ['[1,1]', '[1,1.0]', '[10,1e1]', '[0,-0]', '[0.1,1e-1]', '[1,0.1e1]'])
      expect(accepts(constraint, text), text).toBe(false);
    for (const text of ['[1,10,1.5]', '[1,-1]', '[1,1e1,1e2]', '[0.1,0.10000000000000002]'])
      expect(accepts(constraint, text), text).toBe(true);
  });

  it('begins only what some number that is left goes on with', () => {
    const constraint = jsonSchema({
      type: 'array',
      uniqueItems: true,
      items: { type: 'integer', minimum: 1, maximum: 20 },
    });
    const tens = '[10,11,12,13,14,15,16,17,18,19';
    expect(isViablePrefix(constraint, `${tens},1`)).toBe(true);
    expect(isViablePrefix(constraint, `${tens},1,1`)).toBe(false);
    const all = Array.from({ length: 20 }, (_, i) => i + 1).join();
    expect(accepts(constraint, `[${all}]`)).toBe(true);
    expect(isViablePrefix(constraint, `[${all},`)).toBe(false);
  });

  it('keeps the values that later places need', () => {
    const some = (...values: unknown[]) => ({ enum: values });
    const of = (prefixItems: object[], items?: object, minItems = prefixItems.length) =>
      jsonSchema({
        type: 'array',
        uniqueItems: true,
        minItems,
        prefixItems,
        ...(items && { items }),
      });
    const two = of([some('a', 'b'), { const: 'a' }]);
    expect(isViablePrefix(two, '["a')).toBe(false);
    expect(accepts(two, '["b","a"]')).toBe(true);
    expect(isViablePrefix(of([some(1, 2), { const: 1 }]), '[1')).toBe(false);
    const three = of([some(1, 2, 3), some(1, 2), some(1, 2)]);
    expect(isViablePrefix(three, '[2')).toBe(false);
    expect(accepts(three, '[3,2,1]')).toBe(true);
    expect(accepts(three, '[3.0,1,2]')).toBe(true);
    const rest = of([some(null, 'x')], some(null, true), 3);
    expect(isViablePrefix(rest, '[n')).toBe(false);
    expect(accepts(rest, '["x",true,null]')).toBe(true);
    const short = of([some('a', 'b'), { const: 'a' }], undefined, 1);
    expect(accepts(short, '["a"]')).toBe(true);
    expect(isViablePrefix(short, '["a",')).toBe(false);
  });

  it('finds what it searches for at each place that may follow', () => {
    const constraint = jsonSchema({
      type: 'array',
      uniqueItems: true,
      prefixItems: [{ enum: [1, 2] }, { enum: ['b', 2] }, { enum: ['a', null] }],
      items: false,
      contains: { enum: [1, 'a'] },
    });
    expect(accepts(constraint, '[2,"b","a"]')).toBe(true);
    expect(accepts(constraint, '[1]')).toBe(true);
    expect(isViablePrefix(constraint, '[2,"b",n')).toBe(false);
  });

  it('knows numbers that are neither whole nor listed', () => {
    const none = { not: { multipleOf: 3 }, type: 'integer', minimum: 3, maximum: 3 };
    expect(jsonSchema(none).start()).toBeUndefined();
    const third = jsonSchema({ not: { type: 'integer' }, type: 'number', minimum: 1, maximum: 2 });
    expect(isViablePrefix(third, '2')).toBe(false);
    expect(accepts(third, '1.5')).toBe(true);
    const many = jsonSchema({ enum: Array.from({ length: 2_000 }, (_, i) => 7 * i) });
    expect(isViablePrefix(many, '6999.')).toBe(false);
    expect(isViablePrefix(many, '14001')).toBe(false);
    expect(accepts(many, '13993')).toBe(true);
    expect(accepts(many, '13.993e3')).toBe(true);
  });
});
