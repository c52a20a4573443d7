import { messageOf } from '../checks/show.js';
import { MiddlewareError, PliantError } from '../contract/errors.js';

/**
 * Runs a hook; what it throws becomes a MiddlewareError with its name and phase, unless it is one
 * of our typed errors.
 */
export function guard<T>(middleware: string, phase: string, step: number, call: () => T): T {
  try {
    const value = call();
    if (value instanceof Promise)
      return value.catch((error) => {
        throw blame(error, middleware, phase, step);
      }) as T;
    return value;
  } catch (error) {
    throw blame(error, middleware, phase, step);
  }
}

export function blame(
  error: unknown,
  middleware: string,
  phase: string,
  step: number,
): PliantError {
  if (PliantError.isInstance(error)) return error;
  return new MiddlewareError(middleware, phase, step, messageOf(error), { cause: error });
}
