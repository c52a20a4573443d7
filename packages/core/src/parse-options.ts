import type { z } from 'zod/v4';
import { InvalidOptionsError } from './errors.js';

/**
 * Options parsed by a zod schema, defaults filled in.
 * @param where named in the error: the middleware or the call
 * @throws InvalidOptionsError with the path of every wrong option
 */
export function parseOptions<Schema extends z.ZodType>(
  where: string,
  schema: Schema,
  options: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InvalidOptionsError(
    where,
    parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  );
}
