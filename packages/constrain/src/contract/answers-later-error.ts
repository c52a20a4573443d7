import { PliantError } from '@pliant/core';

/** A mask was asked for where a constraint answers with promises, so that there is none. */
export class AnswersLaterError extends PliantError {
  /** @param name of the constraint */
  constructor(name: string) {
    super(`${name} answers with a promise; there are no masks of it`);
  }
}
