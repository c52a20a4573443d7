import { PliantError } from '@pliant/core';

/** Thrown for an invalid JSON Schema, or a reference without a target. */
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
