import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkTypeImports } from './check-type-imports.js';

it('finds what the declarations of an entry point reach, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pliant-types-'));
  const files = {
    'index.d.ts': "export * from './a.js';\nimport type { Decoder } from '@pliant/core';",
    'a.d.ts': "import { readFile } from 'node:fs';\nexport type A = import('./b.js').B;",
    'b.d.ts':
      "import type { Message } from '@bufbuild/protobuf';\nexport type * from './index.js';",
    'inner.d.ts': "import 'koffi';",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const manifest = { name: 'x', version: '0.0.0', exports: { '.': { types: './index.d.ts' } } };
  expect(checkTypeImports(manifest, folder)).toEqual(['b.d.ts shows types of @bufbuild/protobuf']);
  rmSync(folder, { recursive: true });
});
