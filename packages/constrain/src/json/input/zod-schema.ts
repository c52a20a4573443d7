import { z } from 'zod/v4';
import { andThen, type MaybePromise } from '../../contract/maybe-promise.js';
import { zodToJsonSchema } from '../zod/to-json-schema.js';
import { isZod3, view3 } from '../zod/versions/view-3.js';
import { isZod4, view4 } from '../zod/versions/view-4.js';
import { type OfferedSchema, offeredSchema, type Parsed } from './offered-schema.js';
import { readSchema } from './read-schema.js';
import { refuseWrapper } from './refuse-wrapper.js';

export type { Parsed } from './offered-schema.js';
export type { InferValue, IsJudged } from './schema-value.js';

/**
 * A JSON Schema, with what remains to be asked of a value that satisfies it and what is made of it.
 */
export type ReadSchema = OfferedSchema;

/**
 * A JSON Schema as plain JSON; that of the texts a zod schema parses (its input); or the one that
 * an object of another library offers. Refinements and transforms are not in it: `parse` asks for
 * them once a value is whole.
 * @throws SchemaError with a pointer to what is not JSON; UnsupportedSchemaError for zod schemas of
 * what JSON has not, and for objects that only hold or make a schema
 */
export function toJsonSchema(schema: unknown): ReadSchema {
  if (isZod4(schema))
    return {
      schema: { ...titleOf(schema), ...zodToJsonSchema(schema, view4) },
      parse: parser(
        (value) => parse4(schema, value),
        (value) => z.safeParseAsync(schema, value),
      ),
    };
  if (isZod3(schema))
    return {
      schema: zodToJsonSchema(schema, view3),
      parse: parser(
        (value) => schema.safeParse(value),
        (value) => schema.safeParseAsync(value),
      ),
    };
  const offered = offeredSchema(schema);
  if (offered) return { ...offered, schema: readSchema(offered.schema) };
  refuseWrapper(schema);
  return { schema: readSchema(schema), parse: undefined };
}

/**
 * Zod tells by throwing that a refinement or transform answers later; from then on it is waited
 * for.
 * @param now may answer with a promise where the library can without being asked to
 */
function parser(
  now: (value: unknown) => MaybePromise<Parsed>,
  later: (value: unknown) => Promise<Parsed>,
): (value: unknown) => MaybePromise<Parsed> {
  let answersLater = false;
  return (value) => {
    if (answersLater) return later(value);
    try {
      return now(value);
    } catch (error) {
      answersLater = /async|promise/i.test(String(error));
      return later(value);
    }
  };
}

/**
 * Waits for refinements, and throws where a transform answers later: `async` is not said to be
 * false, as `safeParse` would.
 */
function parse4(schema: z.core.$ZodType, value: unknown): MaybePromise<Parsed> {
  return andThen(
    schema._zod.run({ value, issues: [] }, {} as z.core.ParseContextInternal),
    (run) => (run.issues.length > 0 ? { success: false } : { success: true, data: run.value }),
  );
}

function titleOf(schema: z.core.$ZodType): { title?: string } {
  const title = z.globalRegistry.get(schema)?.title;
  return title === undefined ? {} : { title };
}
