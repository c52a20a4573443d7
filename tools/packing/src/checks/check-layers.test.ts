import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { publicPackages } from '../packages/public-packages.js';
import { checkLayers } from './check-layers.js';

const packages = publicPackages(fileURLToPath(new URL('../../../..', import.meta.url))).map(
  ({ folder, manifest: { name } }) => ({ folder, name }),
);

describe('checkLayers', () => {
  it.each(packages)('the sources of $name import what its layer may know', ({ folder, name }) => {
    const files = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' });
    const sources = files.filter((file) => file.endsWith('.ts') && !file.includes('.test.'));
    expect(sources.length).toBeGreaterThan(0);
    expect(
      sources.flatMap((file) =>
        checkLayers(name, file, readFileSync(join(folder, 'src', file), 'utf8')),
      ),
    ).toEqual([]);
  });

  it.each([
    ['@pliant/kv-drop', "import type { Selector } from '@pliant/layer-skip';"],
    ['@pliant/kv-drop', "import { checkForward } from '@pliant/core/engine';"],
    ['@pliant/kv-drop', "export * from '@pliant/kv-drop-more';"],
    ['@pliant/new-middleware', "const a = await import('@pliant/engine-ort');"],
    ['@pliant/engine-ort', "import { mockDecoder } from '@pliant/core/testing';"],
    ['@pliant/core', "import { kvDrop } from '@pliant/kv-drop';"],
    ['@pliant/presets', "import { openDecoder } from '@pliant/engine-ort';"],
    ['@pliant/presets', "import { mockDecoder } from '@pliant/core/testing';"],
  ])('refuses in %s: %s', (name, code) => {
    expect(checkLayers(name, 'src/a.ts', code)).toHaveLength(1);
  });

  it('says what may be imported', () => {
    expect(checkLayers('@pliant/kv-drop', 'a.ts', "import '@pliant/core/testing';")).toEqual([
      'a.ts imports @pliant/core/testing; @pliant/kv-drop may import only @pliant/core',
    ]);
  });

  it('lets presets import every middleware', () => {
    const code = "import { parseOptions } from '@pliant/core'; export * from '@pliant/kv-drop';";
    expect(checkLayers('@pliant/presets', 'a.ts', code)).toEqual([]);
  });

  it('allows own entry points, core, and what is not ours', () => {
    const code = `
      import { a } from '@pliant/core';
      import { b } from '@pliant/constrain/parts';
      import { z } from 'zod/v4';
      import './c.js';
      // import '@pliant/kv-drop';
    `;
    expect(checkLayers('@pliant/constrain', 'src/a.ts', code)).toEqual([]);
  });
});
