import type { z } from 'zod/v4';
import { InvalidArgumentError, InvalidOptionsError, type Issue } from './errors.js';
import { show } from './show.js';

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
  return parse(schema, options, (issues) => new InvalidOptionsError(where, issues));
}

/**
 * The arguments of a public function, parsed by a zod schema. Every public function that takes anything but options passes them through here before
 * it does any work.
 * @param where named in the error: the call
 * @param given the arguments by name
 * @throws InvalidArgumentError with the path of every wrong argument
 */
export function parseArguments<Schema extends z.ZodObject>(
  where: string,
  schema: Schema,
  given: { readonly [Name in keyof z.input<Schema>]: unknown },
): z.output<Schema> {
  return parse(schema, given, (issues) => new InvalidArgumentError(where, issues));
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  refuse: (issues: readonly Issue[]) => Error,
): z.output<Schema> {
  const issues: Issue[] = [];
  try {
    const parsed = schema.safeParse(given);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues)
      issues.push({ path: path.map(String).join('.'), message });
  } catch (error) {
    // A getter or a proxy that throws.
    issues.push({ path: '', message: `cannot be read: ${show(error)}` });
  }
  throw refuse(issues);
}
