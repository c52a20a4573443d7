import { z } from 'zod/v4';
import { isObject } from '../../schema/json-object.js';
import { anything, type Member, type View, type ZodSchema } from '../view.js';
import type { Zod4Check, Zod4Definition } from './definition-4.js';
import { ofLiterals } from './literals.js';
import { type NumberCheck, ofNumbers } from './number-keywords.js';
import { sharesIssues } from './shares-issues.js';
import { string4 } from './string-4.js';

export type Zod4Schema = z.core.$ZodType;

export function isZod4(schema: unknown): schema is Zod4Schema {
  return isObject(schema) && isObject(schema._zod);
}

/** The view of a zod 4 schema, mini or not, without what only zod can judge (refinements). */
export function view4(schema: ZodSchema): View {
  const at = schema as Zod4Schema;
  const definition = at._zod.def as unknown as Zod4Definition;
  const { type } = definition;
  if (Object.hasOwn(inner, type)) return { type: 'same', as: definition[inner[type]] as ZodSchema };
  return views[type]?.(definition, at) ?? { type: 'refused', what: `z.${type}()` };
}

/** The field in which schemas that say the same as another hold that one. */
const inner: Readonly<Record<string, string>> = {
  ...{ optional: 'innerType', nonoptional: 'innerType', readonly: 'innerType' },
  ...{ default: 'innerType', prefault: 'innerType', catch: 'innerType' },
};

const views: Readonly<
  Record<string, ((definition: Zod4Definition, schema: Zod4Schema) => View) | undefined>
> = {
  any: () => ({ type: 'anything' }),
  unknown: () => ({ type: 'anything' }),
  never: () => ({ type: 'scalar', schema: { not: {} } }),
  null: () => ({ type: 'scalar', schema: { type: 'null' } }),
  boolean: () => ({ type: 'scalar', schema: { type: 'boolean' } }),
  string: (_, schema) => ({ type: 'scalar', schema: string4(checksOf(schema)) }),
  template_literal: (_, schema) => ({
    type: 'scalar',
    schema: { type: 'string', pattern: schema._zod.pattern!.source },
  }),
  number: (_, schema) => ofNumbers(checksOf(schema).flatMap(numberChecks)),
  literal: ({ values }) => ofLiterals(values as unknown[]),
  // Numeric enums also have their names as entries.
  enum: (_, schema) => ofLiterals([...(schema._zod.values ?? [])]),
  object,
  record,
  array: ({ element }, schema) => ({
    type: 'array',
    first: [],
    rest: element as ZodSchema,
    ...lengths(schema),
  }),
  tuple: ({ items, rest }, schema) => {
    const first = items as Zod4Schema[];
    const optional = [...first].reverse().findIndex((item) => !isOmittable(item));
    const { least, most } = lengths(schema);
    return {
      type: 'array',
      first,
      rest: (rest as ZodSchema | null) ?? undefined,
      least: Math.max(least, optional < 0 ? 0 : first.length - optional),
      most,
    };
  },
  union: ({ options, inclusive, discriminator }) => ({
    type: 'union',
    options: options as ZodSchema[],
    isExclusive: inclusive === false && discriminator === undefined,
  }),
  intersection: ({ left, right }, schema) => ({
    type: 'intersection',
    left: left as ZodSchema,
    right: right as ZodSchema,
    ...sharesIssues(schema),
  }),
  nullable: ({ innerType }) => ({ type: 'nullable', inner: innerType as ZodSchema }),
  lazy: ({ getter }) => ({ type: 'lazy', getter: getter as () => ZodSchema }),
  // z.preprocess() begins with a transform: what it makes is what is known.
  pipe: ({ in: first, out }) => ({
    type: 'same',
    as: ((first as Zod4Schema)._zod.def.type === 'transform' ? out : first) as ZodSchema,
  }),
};

/** The checks of a schema; a schema of a format is one itself. */
function checksOf(schema: Zod4Schema): Zod4Check[] {
  const { def, traits } = schema._zod;
  const own = traits.has('$ZodCheck') ? [schema as unknown as z.core.$ZodCheck] : [];
  return [...own, ...(def.checks ?? [])].map((check) => ({
    ...(check._zod.def as unknown as Zod4Check),
    own: check,
  }));
}

function lengths(schema: Zod4Schema): { least: number; most: number } {
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  for (const { check, minimum, maximum, length } of checksOf(schema)) {
    if (check === 'min_length') least = Math.max(least, minimum as number);
    if (check === 'max_length') most = Math.min(most, maximum as number);
    if (check !== 'length_equals') continue;
    least = Math.max(least, length as number);
    most = Math.min(most, length as number);
  }
  return { least, most };
}

const ranges: Readonly<Record<string, readonly [least: number, most: number]>> =
  z.core.util.NUMBER_FORMAT_RANGES;

function numberChecks({ check, value, inclusive, format }: Zod4Check): NumberCheck[] {
  const isInclusive = inclusive === true;
  if (check === 'greater_than') return [{ least: value as number, inclusive: isInclusive }];
  if (check === 'less_than') return [{ most: value as number, inclusive: isInclusive }];
  if (check === 'multiple_of') return [{ step: value as number }];
  if (check !== 'number_format') return [];
  const [least, most] = ranges[format as string] ?? [-Infinity, Infinity];
  return [
    { least, inclusive: true },
    { most, inclusive: true },
    ...(String(format).includes('int') ? [{ integer: true } as const] : []),
  ];
}

/** Whether a member may be absent. Transforms and catches of absent members are not considered. */
function isOmittable(schema: Zod4Schema): boolean {
  const def = schema._zod.def as unknown as Zod4Definition;
  if (def.type === 'catch') return isOmittable(def.innerType as Zod4Schema);
  if (def.type === 'pipe' && (def.in as Zod4Schema)._zod.def.type === 'transform')
    return isOmittable(def.out as Zod4Schema);
  return schema._zod.optin !== undefined;
}

function object({ shape, catchall }: Zod4Definition): View {
  const others = catchall as Zod4Schema | undefined;
  return {
    type: 'object',
    members: membersOf(Object.entries(shape as Record<string, Zod4Schema>)),
    others: !others ? 'stripped' : others._zod.def.type === 'never' ? 'refused' : others,
  };
}

function membersOf(entries: readonly (readonly [string, Zod4Schema])[]): Map<string, Member> {
  return new Map(
    entries.map(([name, schema]) => [name, { schema, isRequired: !isOmittable(schema) }]),
  );
}

/** A record asks its values of absent members, too: those that take anything take that. */
function takesAll(schema: Zod4Schema): boolean {
  const { def } = schema._zod;
  return ['any', 'unknown'].includes(def.type) && (def.checks ?? []).length === 0;
}

/** A record of names that are known is an object, and has all of them unless it is partial. */
function record({ keyType, valueType, mode, partial }: Zod4Definition): View {
  const names = keyType as Zod4Schema;
  const values = valueType as Zod4Schema;
  const isLoose = mode === 'loose';
  const known = names._zod.values;
  if (known && [...known].every((name) => typeof name === 'string' || typeof name === 'number')) {
    const isRequired = partial !== true && !isOmittable(values) && !takesAll(values);
    return {
      type: 'object',
      members: new Map(
        [...known].map((name) => [String(name), { schema: values, isRequired }] as const),
      ),
      others: isLoose ? anything : 'refused',
    };
  }
  return { type: 'record', names, values, has: (name) => isName(names, name), isLoose };
}

function isName(names: Zod4Schema, name: string): boolean {
  if (z.safeParse(names, name).success) return true;
  // Numbers are read from their text.
  return /^-?\d+(?:\.\d+)?$/.test(name) && z.safeParse(names, Number(name)).success;
}
