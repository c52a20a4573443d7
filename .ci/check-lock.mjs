// Some releases of tools with platform binaries lack a platform in the registry: npm leaves it out of the lock without a word,
// and a later `npm ci` fails elsewhere. So every optional dependency that a locked package names must be locked too.
import { readFileSync } from 'node:fs';

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
  Object.keys(optionalDependencies)
    .filter((name) => !isLocked(path, name))
    .map((name) => `${path} names ${name}, which package-lock.json lacks`),
);

/** Whether `name` resolves from the package at `path`, upwards as Node does. */
function isLocked(path, name) {
  const inside = path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`;
  if (packages[inside] !== undefined) {
    return true;
  }
  return path !== '' && isLocked(parentOf(path), name);
}

function parentOf(path) {
  const end = path.lastIndexOf('/node_modules/');
  return end === -1 ? '' : path.slice(0, end);
}

for (const problem of missing) {
  console.error(problem);
}
console.log(
  `${Object.keys(packages).length} locked packages, ${missing.length} without a platform`,
);
process.exitCode = missing.length === 0 ? 0 : 1;
