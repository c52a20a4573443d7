import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exportNames } from './export-names.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const names = exportNames(root);

test('the files list every public package', () => {
  expect([...names.keys()]).toContain('@pliant/core');
  expect(Object.keys(names.get('@pliant/core')!)).toEqual([
    '@pliant/core/engine',
    '@pliant/core/testing',
    '@pliant/core',
  ]);
});

// An export is added on purpose: `npx vitest run -u src/export-names.test.ts` writes the lists
// again.
test.each([...names])('%s exports what its list says', async (name, entries) => {
  const text = Object.entries(entries)
    .map(([entry, exported]) => `${entry}\n${exported.map((one) => `  ${one}\n`).join('')}`)
    .join('\n');
  await expect(text).toMatchFileSnapshot(`../exports/${name.replace('@pliant/', '')}.txt`);
});

test.each(['core', 'transformers'])('%s names every export', (folder) => {
  for (const file of ['index.ts', ...(folder === 'core' ? ['engine.ts', 'testing/index.ts'] : [])])
    expect(readFileSync(`${root}packages/${folder}/src/${file}`, 'utf8')).not.toMatch(/export.*\*/);
});
