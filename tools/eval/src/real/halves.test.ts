import { expect, it } from 'vitest';
import { readDocuments } from './documents.js';
import { halfOf, hash } from './halves.js';

const documents = readDocuments();

it('are disjoint, complete and about equally large', () => {
  const tune = halfOf(documents, 'tune');
  const report = halfOf(documents, 'report');
  expect(tune.filter((document) => report.includes(document))).toEqual([]);
  expect(tune.length + report.length).toBe(documents.length);
  expect(Math.abs(tune.length - report.length)).toBeLessThanOrEqual(1);
});

it('stay as they are, since figures depend on them', () => {
  expect(halfOf(documents, 'tune').map(({ id }) => id)).toEqual([
    'build-log',
    'config-reference',
    'field-report',
    'inspection-transcript',
    'inventory-service',
    'mietvertrag',
    'museum-guide',
    'office-lease',
    'price-list',
    'project-minutes',
    'router-manual',
    'service-agreement',
    'staff-handbook',
    'supplier-mails',
    'support-chat',
    'vereinsprotokoll',
  ]);
});

it('do not depend on the order', () => {
  expect(new Set(halfOf(documents.toReversed(), 'tune'))).toEqual(
    new Set(halfOf(documents, 'tune')),
  );
});

it('hash is FNV-1a, finished', () => {
  // FNV-1a of '' is its offset basis 0x811c9dc5; of 'a' 0xe40c292c.
  const finish = (bits: number) => {
    const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b) >>> 0;
    return (once ^ (once >>> 13)) >>> 0;
  };
  expect(hash('')).toBe(finish(0x811c9dc5));
  expect(hash('a')).toBe(finish(0xe40c292c));
});
