/** A schema of zod 3 or zod 4. */
type OfZod<Output> =
  | { readonly _zod: { readonly output: Output } }
  | { readonly _def: unknown; readonly _output: Output };

/** The result of the AI SDK's `jsonSchema()` and `zodSchema()`. */
interface OfAiSdk<Output> {
  readonly jsonSchema: unknown;
  readonly _type: Output;
}

/** A Standard Schema that offers its JSON Schema. */
interface OfStandard<Output> {
  readonly '~standard': {
    readonly jsonSchema: unknown;
    readonly types?: { readonly output: Output } | undefined;
  };
}

/**
 * The schemas whose own library judges the finished value; what `z.toJSONSchema()` gives is a JSON
 * Schema, whatever else it carries.
 */
type Judging<Output> = OfZod<Output> | OfAiSdk<Output> | OfStandard<Output>;

/**
 * Whether the schema's own library judges the finished value, so that the answer may come later.
 */
export type IsJudged<Schema> = '$ref' extends keyof Schema
  ? false
  : Schema extends Judging<unknown>
    ? true
    : false;

/**
 * The value that a schema's texts stand for: what its own library parses them to. Unknown for a
 * JSON Schema, also for one that zod wrote, which says nothing of zod's transforms.
 */
export type InferValue<Schema> =
  IsJudged<Schema> extends true
    ? Schema extends OfZod<infer Output>
      ? Output
      : Schema extends OfAiSdk<infer Output>
        ? Output
        : Schema extends OfStandard<infer Output>
          ? Output
          : unknown
    : unknown;
