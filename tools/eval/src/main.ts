import { parseArgs } from 'node:util';
import { InvalidOptionsError } from '@pliant/core';
import { compressCommand, compressUsage } from './compress-command.js';
import { needleCommand, needleUsage } from './needle-command.js';
import { runCommand, runUsage } from './run-command.js';

const string = { type: 'string' } as const;

/** Each command checks its options itself. */
const commands = {
  run: {
    run: runCommand,
    options: {
      quick: { type: 'boolean' },
      tasks: string,
      methods: string,
      budgets: string,
      tokens: string,
      seeds: string,
      out: string,
    },
  },
  compress: {
    run: compressCommand,
    options: { keeps: string, tokens: string, seeds: string, out: string },
  },
  needle: {
    run: needleCommand,
    options: {
      tokens: string,
      seeds: string,
      stack: string,
      set: { type: 'string', multiple: true },
      truncate: string,
      keep: string,
      json: string,
    },
  },
} as const;

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name !== 'run' && name !== 'compress' && name !== 'needle')
    throw new InvalidOptionsError('eval', [
      { path: 'command', message: 'must be run, compress or needle' },
    ]);
  const { run, options } = commands[name];
  await run({ ...parseArgs({ args, options }).values });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!InvalidOptionsError.isInstance(error)) throw error;
  console.error(`${error.message}\n\n${runUsage}\n${compressUsage}\n${needleUsage}`);
  process.exitCode = 2;
}
