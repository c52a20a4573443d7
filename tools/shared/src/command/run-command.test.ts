import { InvalidOptionsError, PromptError } from '@pliant/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { command } from './command.js';
import { count, names } from './option-kinds.js';
import { runCommand, runCommands } from './run-command.js';

const ran: object[] = [];
const walk = command({
  name: 'walk',
  options: z.strictObject({
    steps: count(1).default(3),
    ways: names(['north', 'south']),
    fast: z.boolean().default(false),
    set: z.array(z.string()).default([]),
    to: z.string().optional(),
  }),
  usage: 'walk [options]',
  run: async (options) => {
    if (options.to === 'nowhere')
      throw new InvalidOptionsError('walk', [{ path: 'to', message: 'is nowhere' }]);
    if (options.to === 'wall') throw new PromptError('a wall');
    if (options.to === 'bug') throw new RangeError('a mistake of ours');
    ran.push(options);
  },
});

describe('runCommands', () => {
  let said: string[];
  beforeEach(() => {
    said = [];
    ran.length = 0;
    vi.spyOn(console, 'error').mockImplementation((text: string) => said.push(text));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
  const run = (...argv: string[]) => runCommands('tool', [walk], argv);

  it('runs the command with its options parsed', async () => {
    await run('walk', '--steps', '5', '--fast', '--set', 'a', '--set', 'b', '--ways', 'south');
    await run('walk');
    expect(ran).toEqual([
      { steps: 5, ways: ['south'], fast: true, set: ['a', 'b'] },
      { steps: 3, ways: ['north', 'south'], fast: false, set: [] },
    ]);
    expect(process.exitCode).toBeUndefined();
  });

  it.each<[string[], string]>([
    [[], 'tool: no command is given; there are walk'],
    [['fly'], "tool: 'fly' is not a command; there are walk"],
    [['toString'], "'toString' is not a command"],
    [['walk', '--speed', '3'], "Unknown option '--speed'"],
    [['walk', '--steps'], "'--steps <value>' argument missing"],
    [['walk', 'far'], "Unexpected argument 'far'"],
    [['walk', '--steps', '0'], "option 'steps'"],
    [['walk', '--ways', 'up'], "option 'ways.0'"],
    [['walk', '--to', 'nowhere'], "option 'to': is nowhere"],
  ])('refuses %j with a message and the usage', async (argv, message) => {
    await run(...argv);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(message);
    expect(said[0]).toContain('walk [options]');
    expect(said[0]).not.toContain('    at ');
    expect(process.exitCode).toBe(2);
    expect(ran).toEqual([]);
  });

  it('takes values without a name where a command says so', async () => {
    const options = z.strictObject({ places: z.array(z.enum(['hill', 'lake'])).default(['hill']) });
    const visit = command({
      ...walk,
      name: 'visit',
      positional: 'places',
      options,
      run: async (given) => void ran.push(given),
    });
    await runCommand(visit, ['lake', 'hill']);
    await runCommand(visit, []);
    expect(ran).toEqual([{ places: ['lake', 'hill'] }, { places: ['hill'] }]);
    await runCommand(visit, ['sea']);
    expect(said[0]).toContain("visit: option 'places.0'");
  });

  it('says what an error of the packages says, and lets others through', async () => {
    await run('walk', '--to', 'wall');
    expect(said).toEqual(['a wall']);
    expect(process.exitCode).toBe(1);
    await expect(run('walk', '--to', 'bug')).rejects.toThrow(RangeError);
  });
});
