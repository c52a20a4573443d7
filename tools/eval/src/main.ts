import { parseArgs } from 'node:util';
import { InvalidOptionsError } from '@pliant/core';
import { compressCommand, compressUsage } from './commands/compress-command.js';
import { layersCommand, layersUsage } from './commands/layers-command.js';
import { needleCommand, needleUsage } from './commands/needle-command.js';
import { realCommand, realUsage } from './commands/real-command.js';
import { runCommand, runUsage } from './commands/run-command.js';
import { schemasCommand, schemasUsage } from './commands/schemas-command.js';
import { tuneCommand, tuneUsage } from './commands/tune-command.js';

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
  layers: {
    run: layersCommand,
    options: { skips: string, tokens: string, seeds: string, out: string },
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
  real: {
    run: realCommand,
    options: {
      model: string,
      draft: string,
      'draft-layers': string,
      heads: string,
      half: string,
      methods: string,
      keeps: string,
      forms: string,
      every: string,
      out: string,
    },
  },
  tune: {
    run: tuneCommand,
    options: { model: string, layers: string, every: string, state: string, out: string },
  },
  schemas: {
    run: schemasCommand,
    options: {
      dir: string,
      only: string,
      every: string,
      generate: string,
      tokens: string,
      seed: string,
      compact: { type: 'boolean' },
      'jump-forward': { type: 'boolean' },
      'on-length': string,
      out: string,
    },
  },
} as const;

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined || !Object.hasOwn(commands, name))
    throw new InvalidOptionsError('eval', [
      { path: 'command', message: `must be one of ${Object.keys(commands).join(', ')}` },
    ]);
  const { run, options } = commands[name as keyof typeof commands];
  await run({ ...parseArgs({ args, options }).values });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!InvalidOptionsError.isInstance(error)) throw error;
  console.error(
    [
      error.message,
      runUsage,
      compressUsage,
      layersUsage,
      needleUsage,
      realUsage,
      schemasUsage,
      tuneUsage,
    ].join('\n\n'),
  );
  process.exitCode = 2;
}
