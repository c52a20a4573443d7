import { isObject, type JsonObject } from '../../schema/json-object.js';
import { anything, type Member, type View, type ZodSchema } from '../view.js';
import { ofLiterals } from './literals.js';
import { type NumberCheck, ofNumbers } from './number-keywords.js';
import { string3, type Zod3Check } from './string-3.js';

/** A schema of zod 3, as far as it is read here. Zod 4 does not read these. */
export interface Zod3Schema {
  readonly _def: Zod3Definition;
  safeParse(value: unknown): { success: true; data: unknown } | { success: false };
  safeParseAsync(value: unknown): Promise<{ success: true; data: unknown } | { success: false }>;
  isOptional(): boolean;
}

export interface Zod3Definition {
  readonly typeName: string;
  readonly [name: string]: unknown;
}

export function isZod3(schema: unknown): schema is Zod3Schema {
  return (
    isObject(schema) && isObject(schema._def) && String(schema._def.typeName).startsWith('Zod')
  );
}

/**
 * The view of a zod 3 schema, without what only zod can judge (refinements, some checks of
 * strings).
 */
export function view3(schema: ZodSchema): View {
  const { _def: definition } = schema as Zod3Schema;
  const { typeName } = definition;
  if (Object.hasOwn(inner, typeName))
    return { type: 'same', as: part(definition[inner[typeName]]) };
  return views[typeName]?.(definition, schema as Zod3Schema) ?? { type: 'refused', what: typeName };
}

/** The field in which schemas that say the same as another hold that one. */
const inner: Readonly<Record<string, string>> = {
  ZodOptional: 'innerType',
  ZodDefault: 'innerType',
  ZodCatch: 'innerType',
  ZodReadonly: 'innerType',
  ZodBranded: 'type',
  ZodEffects: 'schema',
  ZodPipeline: 'in',
};

const views: Readonly<
  Record<string, ((definition: Zod3Definition, schema: Zod3Schema) => View) | undefined>
> = {
  ZodAny: () => ({ type: 'anything' }),
  ZodUnknown: () => ({ type: 'anything' }),
  ZodNever: () => ({ type: 'scalar', schema: { not: {} } }),
  ZodNull: () => ({ type: 'scalar', schema: { type: 'null' } }),
  ZodBoolean: () => ({ type: 'scalar', schema: { type: 'boolean' } }),
  ZodString: ({ checks }, schema) => ({
    type: 'scalar',
    schema: string3(checks as Zod3Check[], () => countsUnits(schema)),
  }),
  ZodNumber: ({ checks }) => number(checks as Zod3Check[]),
  ZodLiteral: ({ value }) => ofLiterals([value]),
  ZodEnum: ({ values }) => ofLiterals(values as unknown[]),
  ZodNativeEnum: ({ values }) => ofLiterals(enumValues(values as JsonObject)),
  ZodObject: object,
  ZodRecord: ({ keyType, valueType }) => ({
    type: 'record',
    names: part(keyType),
    values: part(valueType),
    has: (name) => (keyType as Zod3Schema).safeParse(name).success,
    isLoose: false,
  }),
  ZodArray: ({ type, exactLength, minLength, maxLength }) => ({
    type: 'array',
    first: [],
    rest: part(type),
    least: limit(exactLength) ?? limit(minLength) ?? 0,
    most: limit(exactLength) ?? limit(maxLength) ?? Number.POSITIVE_INFINITY,
  }),
  ZodTuple: ({ items, rest }) => ({
    type: 'array',
    first: items as ZodSchema[],
    rest: rest ? part(rest) : undefined,
    least: (items as ZodSchema[]).length,
    most: Number.POSITIVE_INFINITY,
  }),
  ZodUnion: ({ options }) => ({
    type: 'union',
    options: options as ZodSchema[],
    isExclusive: false,
  }),
  ZodDiscriminatedUnion: ({ options }) => ({
    type: 'union',
    options: [...(options as Iterable<ZodSchema>)],
    isExclusive: false,
  }),
  ZodIntersection: ({ left, right }) => ({
    type: 'intersection',
    left: part(left),
    right: part(right),
    sharesMembers: false,
    sharesNames: false,
  }),
  ZodNullable: ({ innerType }) => ({ type: 'nullable', inner: part(innerType) }),
  ZodLazy: ({ getter }) => ({ type: 'lazy', getter: getter as () => ZodSchema }),
};

function part(schema: unknown): ZodSchema {
  return schema as ZodSchema;
}

function limit(value: unknown): number | undefined {
  return (value as { value: number } | null)?.value;
}

/** Enums of numbers also have the names as values. */
function enumValues(values: JsonObject): unknown[] {
  return Object.keys(values)
    .filter((name) => typeof values[values[name] as string] !== 'number')
    .map((name) => values[name]);
}

function number(checks: readonly Zod3Check[]): View {
  return ofNumbers(
    checks.flatMap(({ kind, value, inclusive }): NumberCheck[] => {
      if (kind === 'int') return [{ integer: true }];
      if (kind === 'min') return [{ least: value as number, inclusive: inclusive as boolean }];
      if (kind === 'max') return [{ most: value as number, inclusive: inclusive as boolean }];
      return kind === 'multipleOf' ? [{ step: value as number }] : [];
    }),
  );
}

function object({ shape, unknownKeys, catchall }: Zod3Definition): View {
  const members = Object.entries((shape as () => Record<string, Zod3Schema>)());
  const others = catchall as Zod3Schema;
  return {
    type: 'object',
    members: new Map(
      members.map(([name, member]): [string, Member] => [
        name,
        { schema: member, isRequired: !member.isOptional() },
      ]),
    ),
    others:
      others._def.typeName !== 'ZodNever'
        ? others
        : unknownKeys === 'passthrough'
          ? anything
          : unknownKeys === 'strict'
            ? 'refused'
            : 'stripped',
  };
}

/** Whether the library that made a schema counts UTF-16 units: asked of the schema's own class. */
function countsUnits(schema: Zod3Schema): boolean {
  const Class = schema.constructor as new (definition: Zod3Definition) => Zod3Schema;
  const atMostOne = [{ kind: 'max', value: 1 }];
  return !new Class({ ...schema._def, checks: atMostOne }).safeParse('😀').success;
}
