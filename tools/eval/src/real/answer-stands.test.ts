import { expect, it } from 'vitest';
import { answerStands } from './answer-stands.js';

it.each([
  ['Rowan', 'It was ROWAN, I think.'],
  ['10,000', 'about 10000 euros'],
  ['10000', 'about 10,000 euros'],
  ['red  fox', 'a red\nfox'],
  ['24 °C', 'at 24 °C.'],
  ['a.b', 'see a.b!'],
  ['ﬁle', 'the file'],
])('%j stands in %j', (answer, text) => {
  expect(answerStands(answer, text)).toBe(true);
});

it.each([
  ['12', '120 boats'],
  ['12', 'A12'],
  ['row', 'Rowan'],
  ['a.b', 'axb'],
  ['été', 'étés'],
])('%j does not stand in %j', (answer, text) => {
  expect(answerStands(answer, text)).toBe(false);
});
