import { expect, it } from 'vitest';
import { splitSentences } from './split-sentences.js';

it('keeps closing quotes with their sentence', () => {
  expect(splitSentences("'Oh dear!' said\nthe Rabbit. `Late!'  Alice ran.")).toEqual([
    "'Oh dear!' said the Rabbit.",
    "`Late!'",
    'Alice ran.',
  ]);
});
