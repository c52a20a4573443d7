import { describe, expect, it } from 'vitest';
import { checkFiles } from './check-files.js';

const good = [
  'package.json',
  'LICENSE',
  'NOTICE',
  'README.md',
  'CHANGELOG.md',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/index.d.ts.map',
  'src/index.ts',
];
const map = (source: string) => () => JSON.stringify({ version: 3, sources: [source] });
const inside = map('../src/index.ts');

describe('checkFiles', () => {
  it('accepts a complete package', () => {
    expect(checkFiles(good, inside)).toEqual([]);
  });

  it('names what is missing', () => {
    expect(
      checkFiles(
        good.filter((file) => file !== 'NOTICE'),
        inside,
      ),
    ).toEqual(['NOTICE is missing']);
  });

  it.each([
    'src/index.test.ts',
    'src/tsconfig.lib.tsbuildinfo',
    'vitest.config.ts',
    'tsconfig.json',
  ])('does not want %s', (file) => {
    expect(checkFiles([...good, file], inside)).toEqual([`${file} should not be shipped`]);
  });

  it('finds built files whose source is gone', () => {
    expect(checkFiles([...good, 'dist/old/method.d.ts'], inside)).toEqual([
      'dist/old/method.d.ts has no source: a leftover of an old build',
    ]);
  });

  it('finds maps that lead outside', () => {
    expect(checkFiles(good, map('../../core/src/index.ts'))).toEqual([
      'dist/index.d.ts.map points to ../../core/src/index.ts, which is not shipped',
    ]);
  });
});
