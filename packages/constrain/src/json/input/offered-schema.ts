import type { MaybePromise } from '../../contract/maybe-promise.js';
import { isObject } from '../schema/json-object.js';
import { SchemaError } from '../schema/schema-error.js';
import { UnsupportedSchemaError } from '../schema/unsupported-schema-error.js';

/** The result of a schema's own library for a value. */
export type Parsed =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false };

/**
 * A JSON Schema that an object of another library offers, and that library's verdict on finished
 * values.
 */
export interface OfferedSchema {
  readonly schema: unknown;
  readonly parse: ((value: unknown) => MaybePromise<Parsed>) | undefined;
}

interface AiSdkSchema {
  readonly jsonSchema: unknown;
  readonly validate?: (value: unknown) => PromiseLike<AiSdkResult> | AiSdkResult;
}
type AiSdkResult = { readonly success: boolean; readonly value?: unknown };

interface Standard {
  readonly vendor: unknown;
  readonly validate?: (value: unknown) => MaybePromise<StandardResult>;
  readonly jsonSchema?: { input(options: { readonly target: string }): unknown };
}
type StandardResult = { readonly issues?: unknown; readonly value?: unknown };

const aiSdk = Symbol.for('vercel.ai.schema');
const standard = '~standard';

/** How libraries that offer none get a JSON Schema. */
const waysOut: Readonly<Record<string, string>> = {
  valibot: 'toJsonSchema() or toStandardJsonSchema() of @valibot/to-json-schema',
  arktype: 'its toJsonSchema()',
  effect: 'Schema.toStandardJSONSchemaV1() or JSONSchema.make() of effect',
};

/**
 * Of an object of the AI SDK (`jsonSchema()`, `zodSchema()`) or a Standard Schema that offers its
 * JSON Schema; undefined for other objects.
 * @throws UnsupportedSchemaError if it offers none
 */
export function offeredSchema(schema: unknown): OfferedSchema | undefined {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null)
    return undefined;
  if (aiSdk in schema) return ofAiSdk(schema as unknown as AiSdkSchema);
  const props = (schema as { readonly [standard]?: unknown })[standard];
  if (!isObject(props)) return undefined;
  // What z.toJSONSchema() gives carries zod's, and is a JSON Schema itself.
  if (props.vendor === 'zod' || '$schema' in schema) return undefined;
  return ofStandard(props as unknown as Standard);
}

function ofAiSdk({ jsonSchema, validate }: AiSdkSchema): OfferedSchema {
  if (typeof (jsonSchema as PromiseLike<unknown> | undefined)?.then === 'function')
    throw new SchemaError('', 'its JSON Schema comes later. Pass `await schema.jsonSchema`');
  return {
    schema: jsonSchema,
    parse:
      validate &&
      ((value) => {
        const result = validate(value);
        return 'then' in result
          ? Promise.resolve(result).then(ofAiSdkResult)
          : ofAiSdkResult(result);
      }),
  };
}

function ofAiSdkResult({ success, value }: AiSdkResult): Parsed {
  return success ? { success, data: value } : { success: false };
}

function ofStandard({ vendor, validate, jsonSchema }: Standard): OfferedSchema {
  if (typeof jsonSchema?.input !== 'function')
    throw new UnsupportedSchemaError(
      '',
      `a Standard Schema of ${vendor} offers no JSON Schema. Pass what ${waysOut[String(vendor)] ?? 'the library converts it to'} gives`,
    );
  return {
    schema: inputOf(jsonSchema as NonNullable<Standard['jsonSchema']>, vendor),
    parse:
      validate &&
      ((value) => {
        const result = validate(value);
        return result instanceof Promise ? result.then(ofStandardResult) : ofStandardResult(result);
      }),
  };
}

function ofStandardResult(result: StandardResult): Parsed {
  return result.issues ? { success: false } : { success: true, data: result.value };
}

/** Libraries need not know every draft. */
function inputOf(converter: NonNullable<Standard['jsonSchema']>, vendor: unknown): unknown {
  try {
    return converter.input({ target: 'draft-2020-12' });
  } catch {
    try {
      return converter.input({ target: 'draft-07' });
    } catch (error) {
      throw new UnsupportedSchemaError(
        '',
        `${vendor} has no JSON Schema of it: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
}
