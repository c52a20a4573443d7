import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fixturePath } from '@pliant/fixtures';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from './run.test.support.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'pliant-runner-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string) => {
  const place = path.join(folder, name);
  writeFileSync(place, text);
  return place;
};

const model = ['--model', fixturePath('models/byte-llama')];
const short = ['--prompt', file('short.txt', 'A boat.'), '--max-new-tokens', '3', ...model];
const trace = /\n\s+at .*(node:|file:)|Emitted 'error' event|Unhandled/;

describe('asked for instead of a command', () => {
  test.each([['--help'], ['inspect', '-h']])(
    '%s %s prints the usage on standard output',
    async (...argv) => {
      const { code, out, error } = await run(argv.filter(Boolean));
      expect([code, error]).toEqual([0, '']);
      expect(out).toMatch(/--prompt FILE.*--version/s);
    },
  );

  test('--version prints name and version', async () => {
    const { code, out } = await run(['run', '--version']);
    expect(code).toBe(0);
    expect(out).toMatch(/^@pliant\/runner \d+\.\d+\.\d+\n$/);
  });
});

describe('a reader that has gone', () => {
  test.each([
    [['--help']],
    [['inspect', ...model]],
    [['run', ...short]],
    [['compare', ...short, '--stack', 'kv-drop']],
  ])('of standard output ends %o quietly', async (argv) => {
    const { code, error } = await run(argv, { closed: ['stdout'] });
    expect(code).toBe(0);
    expect(error).not.toMatch(trace);
  });

  test('of standard error does not stop the run', async () => {
    const { code, out } = await run(['run', ...short], { closed: ['stderr'] });
    expect(code).toBe(0);
    expect(out).toContain('prefill ms');
  });

  test('of standard output leaves the report', async () => {
    const json = path.join(folder, 'alone.json');
    const { code } = await run(['run', ...short, '--json', json], { closed: ['stdout'] });
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(json, 'utf8')).runs.length).toBe(1);
  });
});

describe('--json', () => {
  test.each([path.join(folder, 'missing/x.json'), folder])(
    'to %s is refused before the run',
    async (json) => {
      const { code, out, error } = await run(['run', ...short, '--json', json]);
      expect(code).toBe(2);
      expect(out).toBe('');
      expect(error).toMatch(/^--json .* cannot be written: E\w+: .*\n--help lists/);
    },
  );

  test('- has standard output for itself', async () => {
    const { code, out, error } = await run(['run', ...short, '--json', '-']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ model: 'byte-llama', runs: [{ stack: [] }] });
    expect(error).toContain('prefill ms');
  });

  test('leaves no file after a run that is refused', async () => {
    const json = path.join(folder, 'never.json');
    const { code } = await run(['run', ...short, '--max-new-tokens', '0', '--json', json]);
    expect(code).toBe(2);
    expect(existsSync(json)).toBe(false);
  });

  // A device that is always full; only Linux has it.
  test.runIf(existsSync('/dev/full'))('on a full disk is told in a sentence', async () => {
    const { code, out, error } = await run(['run', ...short, '--json', '/dev/full']);
    expect(code).toBe(1);
    expect(out).toContain('prefill ms');
    expect(error).toMatch(/--json \/dev\/full is not complete: ENOSPC/);
    expect(error).not.toMatch(trace);
  });
});

test('the way out of a prompt beyond the context works', async () => {
  const long = file('long.txt', 'The keeper is called Maria. '.repeat(40));
  const argv = ['run', '--prompt', long, '--max-new-tokens', '3', ...model];
  const refused = await run(argv);
  expect(refused.code).toBe(2);
  const hint = /^Here: (--stack kv-drop .*)$/m.exec(refused.error)?.[1] ?? '';
  const { code, out } = await run([...argv, ...hint.split(' ')]);
  expect(code).toBe(0);
  expect(out).toMatch(/prompt tokens +11\d\d/);
});

test('inspect takes nothing that only a run uses', async () => {
  const { code, error } = await run(['inspect', '--stack', 'kv-drop', ...short]);
  expect(code).toBe(2);
  expect(error).toMatch(/--stack has no effect on inspect/);
});
