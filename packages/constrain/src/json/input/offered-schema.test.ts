import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts } from '../../contract/accepts.js';
import { SchemaError } from '../schema/schema-error.js';
import { UnsupportedSchemaError } from '../schema/unsupported-schema-error.js';

const person = { type: 'object', properties: { n: { type: 'string' } }, required: ['n'] };

/** As the AI SDK (ai 6.0) makes it. */
function aiSdkSchema<Output>(
  schema: unknown,
  validate?: (value: unknown) => { success: true; value: Output } | { success: false },
  isLater = true,
) {
  return {
    [Symbol.for('vercel.ai.schema')]: true,
    _type: undefined as Output,
    get jsonSchema() {
      return schema;
    },
    validate: validate && ((value: unknown) => (isLater ? wait(validate(value)) : validate(value))),
  };
}

async function wait<T>(value: T): Promise<T> {
  return value;
}

/** As Standard JSON Schema has it; `type` as Valibot's schemas have one. */
function standardSchema<Output>(
  targets: Readonly<Record<string, unknown>>,
  validate?: (value: unknown) => unknown,
) {
  return {
    kind: 'schema',
    type: 'object',
    '~standard': {
      version: 1,
      vendor: 'other',
      types: undefined as { readonly input: unknown; readonly output: Output } | undefined,
      ...(validate && { validate }),
      jsonSchema: {
        input({ target }: { readonly target: string }) {
          if (!(target in targets)) throw new Error(`no ${target}`);
          return targets[target];
        },
        output: () => ({}),
      },
    },
  } as const;
}

describe('objects that offer a JSON Schema', () => {
  it("are the AI SDK's, with their validator and type", async () => {
    const length = (value: unknown) => {
      const { n } = value as { n: string };
      return n === 'no' ? { success: false as const } : { success: true as const, value: n.length };
    };
    for (const isLater of [true, false]) {
      const constraint = jsonSchema(aiSdkSchema<number>(person, length, isLater));
      const answer = accepts(constraint, '{"n":"abc"}');
      expectTypeOf(answer).toEqualTypeOf<boolean | Promise<boolean>>();
      expectTypeOf(constraint.value!).returns.toEqualTypeOf<number>();
      expect(await answer).toBe(true);
      expect(constraint.value!('{"n":"abc"}')).toBe(3);
      expect(await accepts(constraint, '{"n":"no"}')).toBe(false);
      expect(await accepts(constraint, '{"n":1}')).toBe(false);
    }
    const plain = jsonSchema(aiSdkSchema<{ n: string }>(person));
    expectTypeOf(plain.value!).returns.toEqualTypeOf<{ n: string }>();
    expect(await accepts(plain, '{"n":"abc"}')).toBe(true);
    expect(plain.value!('{"n":"abc"}')).toEqual({ n: 'abc' });
    expect(() => jsonSchema(aiSdkSchema(wait(person)))).toThrow('await schema.jsonSchema');
    expect(() => jsonSchema(aiSdkSchema({ minimum: Number.NaN }))).toThrow("'/minimum'");
  });

  it('are Standard Schemas, functions too, in the draft that they know', async () => {
    const validate = (value: unknown) =>
      (value as { n: string }).n === 'no' ? { issues: [{}] } : { value: new Map() };
    const constraint = jsonSchema(
      standardSchema<Map<string, string>>({ 'draft-2020-12': person }, validate),
    );
    expectTypeOf(constraint.value!).returns.toEqualTypeOf<Map<string, string>>();
    expect(await accepts(constraint, '{"n":"abc"}')).toBe(true);
    expect(constraint.value!('{"n":"abc"}')).toEqual(new Map());
    expect(await accepts(constraint, '{"n":"no"}')).toBe(false);
    expect(await accepts(constraint, '5')).toBe(false);
    const seven = { ...person, $schema: 'http://json-schema.org/draft-07/schema#' };
    const callable = Object.assign(() => 0, standardSchema({ 'draft-07': seven }));
    expect(await accepts(jsonSchema(callable), '{"n":"no"}')).toBe(true);
    expect(() => jsonSchema(standardSchema({}))).toThrow(
      'other has no JSON Schema of it: no draft-07',
    );
  });

  it.each([
    ['valibot', '@valibot/to-json-schema'],
    ['arktype', 'toJsonSchema()'],
    ['other', 'the library converts it to'],
  ])('are refused where %s offers none', (vendor, wayOut) => {
    const entries = { a: { kind: 'schema', type: 'string' } };
    const standard = { version: 1, vendor, validate: (value: unknown) => ({ value }) };
    const schema = { kind: 'schema', type: 'object', entries, '~standard': standard };
    expect(() => jsonSchema(schema)).toThrow(UnsupportedSchemaError);
    expect(() => jsonSchema(schema)).toThrow(wayOut);
    expect(() => jsonSchema(Object.assign(() => 0, schema))).toThrow(SchemaError);
  });
});

describe('a JSON Schema that zod wrote', () => {
  const schema = z.object({ n: z.string().transform((s) => s.length), d: z.number().default(1) });

  it('is a JSON Schema: its values are not what zod makes of them', () => {
    const constraint = jsonSchema(z.toJSONSchema(schema, { io: 'input' }));
    expectTypeOf(accepts(constraint, '')).toEqualTypeOf<boolean>();
    // @ts-expect-error: unknown, not what zod's transforms give
    const value: { n: number; d: number } = constraint.value!('{"n":"abc"}');
    expect(value).toEqual({ n: 'abc' });
    expect(accepts(constraint, '{"n":"abc"}')).toBe(true);
    expect(accepts(constraint, '{"n":1}')).toBe(false);
  });

  it('is that of the output where it is asked for', () => {
    const output = z.toJSONSchema(z.object({ d: z.number().default(1) }), { io: 'output' });
    expect(accepts(jsonSchema(output), '{}')).toBe(false);
  });
});
