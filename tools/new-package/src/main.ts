import { fileURLToPath } from 'node:url';
import { newPackage } from './new-package.js';

const [name, what, ...more] = process.argv.slice(2);
try {
  if (!name || !what || more.length > 0)
    throw new Error(
      'give a name and a sentence: npm run new -- token-budget "Ends answers at a sentence."',
    );
  const paths = newPackage(fileURLToPath(new URL('../../..', import.meta.url)), name, what);
  console.log(paths.join('\n'));
  console.log(
    `\nNext: npm install && npx nx sync && npm run format && npm -w packages/${name} test`,
  );
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
