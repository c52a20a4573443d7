// Checks the --json of `npm start -- compare`: a plain run and a stacked one, both with an answer, and the stack's is right.
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';

const { runs } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
assert.equal(runs.length, 2, 'compare makes two runs');
const [plain, stacked] = runs;
assert.deepEqual(plain.stack, []);
assert.ok(stacked.stack.length >= 2, 'the second run stacks middlewares');
for (const { stack, text, metrics } of runs) {
  assert.ok(text.length > 0, `no text from [${stack}]`);
  assert.ok(metrics.decodeTokensPerSecond > 0, `no decode speed from [${stack}]`);
}
assert.match(stacked.text, /hookah/, 'the stack says what the Caterpillar smoked');
console.log(`plain and ${stacked.stack.join(' + ')} both answered`);
