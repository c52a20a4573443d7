import { expect, it } from 'vitest';
import { readDocuments } from './documents.js';
import { halfOf } from './halves.js';

const documents = readDocuments();
const [tune, report] = (['tune', 'report'] as const).map((half) => halfOf(documents, half));
const questionsOf = (half: typeof tune) => half.flatMap(({ questions }) => questions).length;

it('are disjoint, complete and large enough to say something', () => {
  expect(tune.filter((document) => report.includes(document))).toEqual([]);
  expect(tune.length + report.length).toBe(documents.length);
  expect(Math.min(questionsOf(tune), questionsOf(report))).toBeGreaterThan(80);
});

it('have English documents and others, and most kinds, on either side', () => {
  for (const half of [tune, report]) {
    expect(half.some(({ language }) => language === 'en')).toBe(true);
    expect(half.some(({ language }) => language !== 'en')).toBe(true);
    expect(new Set(half.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(9);
  }
});
