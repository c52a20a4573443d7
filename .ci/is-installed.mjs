// Exits 0 when node_modules holds what package-lock.json asks for, as far as npm's own record of it tells.
import { existsSync, readFileSync } from 'node:fs';

const record = 'node_modules/.package-lock.json';
process.exitCode = existsSync(record) && isCurrent() ? 0 : 1;

function isCurrent() {
  const installed = packagesOf(record);
  // Optional packages of other platforms are locked but not installed.
  return Object.entries(packagesOf('package-lock.json'))
    .filter(([path]) => path.startsWith('node_modules/'))
    .every(([path, { version, optional }]) =>
      // Optional packages of other platforms are locked but not installed.
      installed[path] === undefined ? optional : installed[path].version === version,
    );
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
