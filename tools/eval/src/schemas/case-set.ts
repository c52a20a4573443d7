import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const instanceSchema = z.object({
  valid: z.boolean(),
  /** The JSON as it stands. */
  text: z.string(),
  failed_keyword: z.string().optional(),
  /** Invalid only where `format` is asserted. */
  needs_format: z.boolean().optional(),
});

const caseSchema = z.object({
  id: z.string(),
  /** Class of Python's jsonschema: its name tells the draft. */
  validator: z.string(),
  schema: z.unknown(),
  /** Only where JSON.parse would change the schema. */
  schema_text: z.string().optional(),
  tests: z.array(instanceSchema),
});

const verdictsSchema = z.object({
  compiled: z.boolean(),
  accepts: z.array(z.boolean().nullable()).optional(),
});

const peersSchema = z
  .object({ id: z.string() })
  .catchall(verdictsSchema.or(z.string()))
  .transform(({ id, ...engines }) => ({
    id,
    engines: engines as Record<string, z.output<typeof verdictsSchema>>,
  }));

const variantSchema = z.object({
  whitespace_flexible: z.boolean(),
  text: z.string(),
  tokens: z.array(z.int()),
  /** [tokens + 1] */
  allowed_count: z.array(z.int()),
  /** [tokens + 1] */
  eos_allowed: z.array(z.boolean()),
});

const oracleSchema = z.object({
  rows: z.array(
    z.object({
      schema_id: z.string(),
      instance_index: z.int(),
      variants: z.array(variantSchema),
    }),
  ),
});

export type SchemaCase = z.output<typeof caseSchema>;
export type Instance = z.output<typeof instanceSchema>;
export type PeerVerdicts = z.output<typeof peersSchema>;
export type MaskOracle = z.output<typeof oracleSchema>;

export interface CaseSet {
  readonly cases: readonly SchemaCase[];
  /** Verdicts of other engines, if the folder has them. */
  readonly peers: readonly PeerVerdicts[];
  /** How many tokens another engine allowed, where the folder says. */
  readonly oracle: MaskOracle | undefined;
}

/**
 * `schemas.json` of a folder, with `schemas-peers.json` and `token-oracle.json` where they are
 * there.
 * @throws ZodError where a file has another form
 */
export function readCaseSet(folder: string): CaseSet {
  const read = <Schema extends z.ZodType>(name: string, schema: Schema) => {
    const path = join(folder, name);
    return existsSync(path) ? schema.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
  };
  const cases = z
    .array(caseSchema)
    .parse(JSON.parse(readFileSync(join(folder, 'schemas.json'), 'utf8')));
  return {
    cases,
    peers: read('schemas-peers.json', z.array(peersSchema)) ?? [],
    oracle: read('token-oracle.json', oracleSchema),
  };
}

/** The schema with its keys as written, as far as JavaScript keeps their order. */
export function schemaOf({ schema, schema_text }: SchemaCase): unknown {
  return schema_text === undefined ? schema : JSON.parse(schema_text);
}
