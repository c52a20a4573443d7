import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InvalidOptionsError } from '@pliant/core';
import { toJsonLines } from '@pliant/shared/json-lines';
import { expect, it } from 'vitest';
import { drawReport } from './draw-report.js';
import type { Report } from './make-report.js';
import { readScores } from './scores.js';
import { readSpeeds } from './speeds.js';

const interval = (mean: number) => ({ mean, low: mean - 0.1, high: mean + 0.1 });
const report = {
  rows: [1, 2].flatMap((skip) =>
    ['staticGreedy', 'unified'].map((method) => ({
      method,
      skip,
      kl: interval(skip),
      agreement: interval(0.5 / skip),
    })),
  ),
} as unknown as Report;
const folder = mkdtempSync(path.join(tmpdir(), 'report-'));
const isRefusal = (error: unknown) => InvalidOptionsError.isInstance(error);
const count = (svg: string, part: string) => svg.split(part).length - 1;

function save(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

it('draws quality against the number of layers, with noise', () => {
  const svg = drawReport(report);
  expect(count(svg, 'layers skipped while decoding')).toBe(2);
  expect(svg).not.toContain('decode speed');
  expect(count(svg, '<polyline')).toBe(4);
  expect(svg).not.toMatch(/NaN|undefined/);
});

it('adds the task score of tools/eval and the speed of tools/bench, where they are known', async () => {
  const estimate = (mean: number) => ({ stringMatch: { mean, standardError: 0.05 } });
  const scores = await readScores(
    save(
      'layers.jsonl',
      toJsonLines({
        axis: 'layers skipped',
        rows: [
          { method: 'full', budget: null, average: estimate(0.9) },
          { method: 'staticGreedy', budget: 2, average: estimate(0.99) },
        ],
      }),
    ),
  );
  expect(scores).toEqual([
    { method: 'full', skip: 0, score: { mean: 0.9, low: 0.802, high: 0.998 } },
    { method: 'staticGreedy', skip: 2, score: { mean: 0.99, low: expect.closeTo(0.892), high: 1 } },
  ]);
  const speeds = await readSpeeds(
    save(
      'bench.json',
      JSON.stringify({
        rows: [
          { what: 'layer-skip at 512: 2 skipped by gates / plain', value: { median: 1.25 } },
          { what: 'layer-skip at 512: 2 skipped by cut / plain', value: { median: 1.5 } },
          { what: 'something else', value: { median: 9 } },
        ],
      }),
    ),
  );
  const given = { gates: [...speeds.gates], cut: [...speeds.cut] };
  expect(given).toEqual({ gates: [[2, 1.25]], cut: [[2, 1.5]] });
  const svg = drawReport({ ...report, scores, speeds: given });
  expect(count(svg, 'Task score')).toBe(2);
  expect(count(svg, 'decode speed / plain run, by gates')).toBe(3);
  // Both methods by two measures, and one by the score, against each axis.
  expect(count(svg, '<polyline')).toBe(10);
  expect(svg).not.toMatch(/NaN|undefined/);
});

it('refuses other files', async () => {
  for (const other of [{ rows: [{ method: 7 }] }, { axis: 'tokens kept', rows: [] }]) {
    const file = save('other.json', JSON.stringify(other));
    await expect(readScores(file)).rejects.toSatisfy(isRefusal);
    await expect(readSpeeds(file)).rejects.toSatisfy(isRefusal);
  }
});
