import { escapeName, isObject, type JsonObject } from './schema-document.js';
import { UnsupportedSchemaError } from './unsupported-schema-error.js';
import { zod3String } from './zod-3-string.js';

/** As far as it is read here. Zod 4 does not read schemas of zod 3. */
export interface Zod3Schema {
  readonly _def: Zod3Definition;
  safeParse(value: unknown): { success: true; data: unknown } | { success: false };
  isOptional(): boolean;
}

export interface Zod3Definition {
  readonly typeName: string;
  readonly [name: string]: unknown;
}

export interface Zod3Check {
  readonly kind: string;
  readonly [name: string]: unknown;
}

type Read = (schema: Zod3Schema, part: string) => JsonObject;

export function isZod3(schema: unknown): schema is Zod3Schema {
  return (
    isObject(schema) && isObject(schema._def) && String(schema._def.typeName).startsWith('Zod')
  );
}

/**
 * The JSON Schema of what a zod 3 schema parses. What only zod can say (refinements, some checks of strings) is left out.
 * @throws UnsupportedSchemaError for what JSON has not
 */
export function toJsonSchemaFromZod3(schema: Zod3Schema): JsonObject {
  const definitions: Record<string, JsonObject> = {};
  const names = new Map<Zod3Schema, string>();
  const readAt = (at: Zod3Schema, pointer: string): JsonObject => {
    const { typeName } = at._def;
    const convert = converters[typeName];
    if (!convert)
      throw new UnsupportedSchemaError(
        pointer,
        `${typeName} cannot be represented in JSON Schema. Use a type that JSON has, and .transform() to make another of it`,
      );
    return convert(at._def, (part, name) => {
      const below = name === '' ? pointer : `${pointer}/${name}`;
      if (part._def.typeName !== 'ZodLazy') return readAt(part, below);
      // Lazy schemas are where schemas refer to themselves.
      let known = names.get(part);
      if (known === undefined) {
        known = `schema${names.size}`;
        names.set(part, known);
        definitions[known] = readAt((part._def.getter as () => Zod3Schema)(), below);
      }
      return { $ref: `#/$defs/${known}` };
    });
  };
  const root = readAt(schema, '');
  return names.size === 0 ? root : { allOf: [root], $defs: definitions };
}

const converters: Readonly<Record<string, (definition: Zod3Definition, read: Read) => JsonObject>> =
  {
    ZodAny: () => ({}),
    ZodUnknown: () => ({}),
    ZodNever: () => ({ not: {} }),
    ZodNull: () => ({ type: 'null' }),
    ZodBoolean: () => ({ type: 'boolean' }),
    ZodString: zod3String,
    ZodNumber: number,
    ZodLiteral: ({ value }) => literal([value]),
    ZodEnum: ({ values }) => literal(values as unknown[]),
    ZodNativeEnum: ({ values }) => literal(enumValues(values as JsonObject)),
    ZodObject: object,
    ZodRecord: record,
    ZodArray: array,
    ZodTuple: tuple,
    ZodUnion: ({ options }, read) => ({ anyOf: readAll(options as Zod3Schema[], 'anyOf', read) }),
    ZodDiscriminatedUnion: ({ options }, read) => ({
      anyOf: readAll([...(options as Iterable<Zod3Schema>)], 'anyOf', read),
    }),
    ZodIntersection: intersection,
    ZodNullable: ({ innerType }, read) => ({
      anyOf: [read(innerType as Zod3Schema, 'anyOf/0'), { type: 'null' }],
    }),
    ZodLazy: ({ getter }, read) => read((getter as () => Zod3Schema)(), ''),
    ZodOptional: inner('innerType'),
    ZodDefault: inner('innerType'),
    ZodCatch: inner('innerType'),
    ZodReadonly: inner('innerType'),
    ZodBranded: inner('type'),
    ZodEffects: inner('schema'),
    ZodPipeline: inner('in'),
  };

function inner(name: string) {
  return (definition: Zod3Definition, read: Read) => read(definition[name] as Zod3Schema, '');
}

function readAll(schemas: readonly Zod3Schema[], keyword: string, read: Read): JsonObject[] {
  return schemas.map((schema, i) => read(schema, `${keyword}/${i}`));
}

function literal(values: readonly unknown[]): JsonObject {
  for (const value of values)
    if (!['string', 'number', 'boolean'].includes(typeof value) && value !== null)
      throw new UnsupportedSchemaError('', `JSON has no ${typeof value} literal. Leave it out`);
  return { enum: values };
}

/** Enums of numbers also have the names as values. */
function enumValues(values: JsonObject): unknown[] {
  return Object.keys(values)
    .filter((name) => typeof values[values[name] as string] !== 'number')
    .map((name) => values[name]);
}

function number({ checks }: Zod3Definition): JsonObject {
  const keywords: Record<string, unknown>[] = [];
  for (const { kind, value, inclusive } of checks as Zod3Check[]) {
    if (kind === 'int') keywords.push({ type: 'integer' });
    if (kind === 'min') keywords.push({ [inclusive ? 'minimum' : 'exclusiveMinimum']: value });
    if (kind === 'max') keywords.push({ [inclusive ? 'maximum' : 'exclusiveMaximum']: value });
    if (kind === 'multipleOf') keywords.push({ multipleOf: value });
  }
  return { type: 'number', allOf: keywords };
}

function object({ shape, unknownKeys, catchall }: Zod3Definition, read: Read): JsonObject {
  const members = Object.entries((shape as () => Record<string, Zod3Schema>)());
  const others = catchall as Zod3Schema;
  const isOpen = unknownKeys === 'passthrough' || others._def.typeName !== 'ZodNever';
  return {
    type: 'object',
    properties: Object.fromEntries(
      members.map(([name, member]) => [name, read(member, `properties/${escapeName(name)}`)]),
    ),
    required: members.filter(([, member]) => !member.isOptional()).map(([name]) => name),
    additionalProperties:
      isOpen && others._def.typeName !== 'ZodNever' ? read(others, 'additionalProperties') : isOpen,
  };
}

function record({ keyType, valueType }: Zod3Definition, read: Read): JsonObject {
  return {
    type: 'object',
    propertyNames: read(keyType as Zod3Schema, 'propertyNames'),
    additionalProperties: read(valueType as Zod3Schema, 'additionalProperties'),
  };
}

function array(definition: Zod3Definition, read: Read): JsonObject {
  const [exactly, least, most] = [
    definition.exactLength,
    definition.minLength,
    definition.maxLength,
  ].map((limit) => (limit as { value: number } | null)?.value);
  const minItems = exactly ?? least;
  const maxItems = exactly ?? most;
  return {
    type: 'array',
    items: read(definition.type as Zod3Schema, 'items'),
    ...(minItems === undefined ? {} : { minItems }),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
}

function tuple({ items, rest }: Zod3Definition, read: Read): JsonObject {
  const prefixItems = readAll(items as Zod3Schema[], 'prefixItems', read);
  return {
    type: 'array',
    ...(prefixItems.length === 0 ? {} : { prefixItems }),
    items: rest ? read(rest as Zod3Schema, 'items') : false,
    minItems: prefixItems.length,
  };
}

/** Closed objects would exclude each other's members. */
function intersection({ left, right }: Zod3Definition, read: Read): JsonObject {
  const parts = readAll([left, right] as Zod3Schema[], 'allOf', read);
  return { allOf: parts.map(opened) };
}

function opened(schema: JsonObject): JsonObject {
  const { additionalProperties, ...others } = schema;
  const parts = ['allOf', 'anyOf'].filter((keyword) => Array.isArray(schema[keyword]));
  return {
    ...others,
    ...(additionalProperties === undefined || additionalProperties === false
      ? {}
      : { additionalProperties }),
    ...Object.fromEntries(
      parts.map((keyword) => [keyword, (schema[keyword] as JsonObject[]).map(opened)]),
    ),
  };
}
