import { fileURLToPath } from 'node:url';
import getReleasePlan from '@changesets/get-release-plan';

// Prints what the changesets would release. Fails if one names a package that does not exist.
const { releases } = await getReleasePlan(fileURLToPath(new URL('../../..', import.meta.url)));
for (const { name, oldVersion, newVersion, type } of releases) {
  if (type !== 'none') {
    console.log(`${name} ${oldVersion} -> ${newVersion} (${type})`);
  }
}
