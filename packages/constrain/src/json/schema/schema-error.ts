import { PliantError } from '@pliant/core';

/** A JSON Schema that is none, or that leads nowhere. */
export class SchemaError extends PliantError {
  /**
   * @param pointer JSON pointer to the keyword, '' for the schema as a whole
   * @param reason what is wrong and the way out
   */
  constructor(
    readonly pointer: string,
    reason: string,
  ) {
    super(`schema at '${pointer}': ${reason}`);
  }
}
