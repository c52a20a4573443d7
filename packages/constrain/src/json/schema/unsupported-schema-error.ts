import { SchemaError } from './schema-error.js';

/** A JSON Schema that cannot be enforced. It is refused rather than weakened. */
export class UnsupportedSchemaError extends SchemaError {}
