import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conformanceCases } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { examplesOf, namesIn } from './examples.js';
import { membersOf } from './members-of.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const guide = readFileSync(join(root, 'docs/write-your-own-middleware.md'), 'utf8');

describe('the guide to middlewares', () => {
  it('has a row for every hook', () => {
    const rows = guide.split('\n').filter((line) => line.startsWith('| `'));
    const named = namesIn(rows.map((row) => row.split('|')[1]).join(' '));
    const hooks = membersOf(join(root, 'packages/core/src/index.ts'), 'Hooks');
    expect(hooks).toContain('editCache');
    expect(hooks.filter((hook) => !named.has(hook))).toEqual([]);
  });
});

describe('its example', async () => {
  const [example] = examplesOf(guide);
  const folder = fileURLToPath(new URL('../out-tsc/guide', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'presence-penalty.ts');
  writeFileSync(file, example.code);
  const { presencePenalty } = await import(file);
  const cases = conformanceCases({
    name: 'presence-penalty',
    neutral: () => presencePenalty({ penalty: 0 }),
    active: () => presencePenalty({ penalty: 2 }),
    refuses: [() => presencePenalty({ penalty: -1 })],
  });
  for (const { name, run } of cases) it(name, run);
});
