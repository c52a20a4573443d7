import { expect, it } from 'vitest';
import { libraryHint } from './library-hint.js';

it('names the C library where it is the reason', () => {
  const missing = 'Error loading shared library ld-linux-x86-64.so.2: No such file or directory';
  expect(libraryHint(missing, 'linux', undefined)).toMatch(/musl.*node:22-slim/);
  const old = "/lib/libstdc++.so.6: version `GLIBCXX_3.4.30' not found";
  expect(libraryHint(old, 'linux', '2.28')).toMatch(/GLIBCXX_3\.4\.30.*glibc 2\.28/);
  expect(libraryHint('no such file', 'linux', '2.36')).toBe('');
  expect(libraryHint(missing, 'darwin', undefined)).toBe('');
});
