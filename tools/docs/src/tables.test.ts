import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constrainOptions, constraints } from '@pliant/constrain';
import { kvDropOptions, policies, policyWrappers } from '@pliant/kv-drop';
import { layerSkipOptions, selectors } from '@pliant/layer-skip';
import { middlewares } from '@pliant/presets';
import { promptCompressOptions } from '@pliant/prompt-compress';
import { promptLookupOptions, selfSpeculateOptions } from '@pliant/speculate';
import { describe, expect, it } from 'vitest';
import { z } from 'zod/v4';
import { namesOfCell, type Table, tablesOf } from './tables.js';

const root = fileURLToPath(new URL('../../../packages', import.meta.url));

/** The tables of a package's README whose first column has this head. */
function tablesWith(folder: string, head: string): Table[] {
  const markdown = readFileSync(join(root, folder, 'README.md'), 'utf8');
  return tablesOf(markdown).filter((table) => table.head[0] === head);
}

/** Options that a schema takes at its top, of all its alternatives, sorted. */
function optionsOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodPipe) return optionsOf(schema.out as z.ZodType);
  if (schema instanceof z.ZodUnion)
    return [...new Set(schema.options.flatMap((one) => optionsOf(one as z.ZodType)))].sort();
  return schema instanceof z.ZodObject ? Object.keys(schema.shape).sort() : [];
}

describe('tables of READMEs', () => {
  it.each([
    ['kv-drop', 0, kvDropOptions],
    ['layer-skip', 0, layerSkipOptions],
    ['prompt-compress', 0, promptCompressOptions],
    ['constrain', 0, constrainOptions],
    ['speculate', 0, promptLookupOptions],
    ['speculate', 1, selfSpeculateOptions],
  ])('%s, options %i: every option of the schema, and no other', (folder, at, schema) => {
    const { rows } = tablesWith(folder, 'option')[at];
    expect(rows.flatMap(([cell]) => namesOfCell(cell)).sort()).toEqual(optionsOf(schema));
  });

  it.each([
    ['kv-drop', 'policy', policies],
    ['kv-drop', 'around a policy', policyWrappers],
    ['layer-skip', 'selector', selectors],
    ['constrain', 'name', constraints],
    ['presets', 'name', middlewares],
  ])('%s, %s: a row for each name', (folder, head, registry) => {
    const [{ rows }] = tablesWith(folder, head);
    const named = rows.flatMap(([cell]) => namesOfCell(cell));
    expect(Object.keys(registry).filter((name) => !named.includes(name))).toEqual([]);
  });

  it('names every option of a policy and of a wrapper in its row', () => {
    for (const [head, registry] of [
      ['policy', policies],
      ['around a policy', policyWrappers],
    ] as const) {
      const [{ rows }] = tablesWith('kv-drop', head);
      for (const [name, { options }] of Object.entries(registry)) {
        // The shares of `layerBudgets` are an argument of their own.
        if (!(options instanceof z.ZodObject)) continue;
        const row = rows.find(([cell]) => namesOfCell(cell).includes(name))!;
        const listed = namesOfCell(row[2]).sort();
        expect({ name, listed }).toEqual({ name, listed: optionsOf(options) });
      }
    }
  });
});
