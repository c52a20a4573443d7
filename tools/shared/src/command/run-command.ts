import { parseArgs } from 'node:util';
import { InvalidOptionsError, PliantError, parseOptions } from '@pliant/core';
import { z } from 'zod';
import type { Command } from './command.js';

/**
 * Runs the command that the first argument names. A wrong command line is refused by a message and
 * the usage, and the process exits with 2; for other errors of the packages it exits with 1.
 * @param tool named in messages
 */
export async function runCommands(
  tool: string,
  commands: readonly Command[],
  [name, ...args]: readonly string[],
): Promise<void> {
  const chosen = commands.find((one) => one.name === name);
  if (chosen) return runCommand(chosen, args);
  const names = commands.map((one) => one.name).join(', ');
  const problem = name === undefined ? 'no command is given' : `'${name}' is not a command`;
  refuse(`${tool}: ${problem}; there are ${names}`, ...commands.map(({ usage }) => usage));
}

/** `runCommands` for a tool that does one thing, which has no name on the command line. */
export async function runCommand(command: Command, args: readonly string[]): Promise<void> {
  const { name, options, usage } = command;
  try {
    await command.run(parseOptions(name, options, parseCommandLine(command, args)));
  } catch (error) {
    if (!PliantError.isInstance(error)) throw error;
    if (InvalidOptionsError.isInstance(error)) return refuse(error.message, usage);
    console.error((error as PliantError).message);
    process.exitCode = 1;
  }
}

/**
 * @throws InvalidOptionsError for an option that the schema does not have, or one without its value
 */
function parseCommandLine(command: Command, args: readonly string[]): object {
  const { name, positional } = command;
  const allowPositionals = positional !== undefined;
  const options = Object.fromEntries(
    Object.entries(command.options.shape).map(([option, value]) => [
      option,
      kindOf(value as z.ZodType),
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals });
    return {
      ...values,
      ...(allowPositionals && positionals.length > 0 && { [positional]: positionals }),
    };
  } catch (error) {
    throw new InvalidOptionsError(name, [{ path: '', message: (error as Error).message }]);
  }
}

function kindOf(schema: z.ZodType): { type: 'string' | 'boolean'; multiple?: boolean } {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return kindOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodBoolean) return { type: 'boolean' };
  return { type: 'string', multiple: schema instanceof z.ZodArray };
}

function refuse(...paragraphs: readonly string[]): void {
  console.error(paragraphs.join('\n\n'));
  process.exitCode = 2;
}
