import type { z } from 'zod/v4';
import { InvalidArgumentError, InvalidOptionsError, type Issue } from '../contract/errors.js';
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
 * The arguments of a public function, parsed by a zod schema. Every public function that takes
 * anything but options passes them through here before it does any work.
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
    for (const issue of parsed.error.issues)
      issues.push({
        path: issue.path.map(String).join('.'),
        message: `${issue.message}${keysThereAre(schema, issue)}`,
      });
  } catch (error) {
    // A getter or a proxy that throws.
    issues.push({ path: '', message: `cannot be read: ${show(error)}` });
  }
  throw refuse(issues);
}

/** For whoever wrote the key of another library, or left the options out: those that there are. */
function keysThereAre(schema: z.ZodType, { code, path }: z.core.$ZodIssue): string {
  const helps = code === 'unrecognized_keys' || code === 'invalid_type';
  if (!helps || path.length > 0 || !('shape' in schema)) return '';
  const keys = Object.keys(schema.shape as object);
  return keys.length > 0 ? `; the options are ${keys.join(', ')}` : '';
}
