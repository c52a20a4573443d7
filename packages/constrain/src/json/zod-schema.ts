import { z } from 'zod/v4';
import { formatOf } from './format.js';
import { isObject, type JsonObject } from './schema-document.js';
import { UnsupportedSchemaError } from './unsupported-schema-error.js';
import { isZod3, toJsonSchemaFromZod3 } from './zod-3-schema.js';

/** The value that a schema's texts stand for: what a zod schema (3 or 4) parses them to; unknown for a JSON Schema. */
export type InferValue<Schema> = Schema extends {
  readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined };
}
  ? Output
  : Schema extends { readonly _output: infer Output }
    ? Output
    : unknown;

/** What zod makes of a value. */
export type Parsed =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false };

export interface ReadSchema {
  readonly schema: unknown;
  /** What remains to be asked of a value that satisfies `schema`: refinements; and what transforms make of it. Absent for a JSON Schema. */
  readonly parse: ((value: unknown) => Parsed) | undefined;
}

/** Patterns of zod's own that look ahead, by format, and what says the same without: undefined where the format does. */
const withoutLookahead = new Map<unknown, string | undefined>([
  [
    'email',
    "^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+\\-]@(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$",
  ],
  ['hostname', undefined],
  ['duration', undefined],
  ['emoji', '^[\\p{Extended_Pictographic}\\p{Emoji_Component}]+$'],
]);

/**
 * A JSON Schema as it is, or that of the texts a zod schema parses (its input). Refinements and transforms are not in it: `parse` asks
 * for them once a value is whole. Objects that zod would strip of unknown keys are closed, since such keys would be written for nothing.
 * @throws UnsupportedSchemaError for zod schemas of what JSON has not: dates, maps, bigint, undefined
 */
export function toJsonSchema(schema: unknown): ReadSchema {
  if (isZod4(schema))
    return { schema: fromZod4(schema), parse: (value) => z.safeParse(schema, value) };
  if (isZod3(schema))
    return {
      schema: toJsonSchemaFromZod3(schema),
      parse: (value) => schema.safeParse(value),
    };
  return { schema, parse: undefined };
}

function isZod4(schema: unknown): schema is z.core.$ZodType {
  return isObject(schema) && isObject(schema._zod);
}

function fromZod4(schema: z.core.$ZodType): unknown {
  try {
    return z.toJSONSchema(schema, { io: 'input', override: refine });
  } catch (error) {
    throw new UnsupportedSchemaError(
      '',
      `${error instanceof Error ? error.message : error}. Use a type that JSON has, and .transform() to make another of it`,
    );
  }
}

function refine({ zodSchema, jsonSchema }: Parameters<Override>[0]): void {
  const { def } = zodSchema._zod;
  if (def.type === 'object' && !def.catchall) jsonSchema.additionalProperties = false;
  if (def.type === 'intersection') for (const part of jsonSchema.allOf ?? []) open(part);
  if (def.type !== 'string' || typeof jsonSchema.format !== 'string') return;
  const { format, pattern } = jsonSchema;
  if (pattern && /\(\?[=!]/.test(pattern) && withoutLookahead.has(format)) {
    const same = withoutLookahead.get(format);
    if (same === undefined) delete jsonSchema.pattern;
    else jsonSchema.pattern = same;
  }
  // Zod's own formats, which their patterns say already.
  if (!formatOf(format)) delete jsonSchema.format;
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;

/** Closed parts of an intersection would exclude each other's members. Zod has joined those that it can. */
function open(schema: JsonObject): void {
  if (schema.additionalProperties === false)
    delete (schema as { additionalProperties?: unknown }).additionalProperties;
  for (const keyword of ['allOf', 'anyOf', 'oneOf'])
    for (const part of (schema[keyword] as JsonObject[] | undefined) ?? []) open(part);
}
