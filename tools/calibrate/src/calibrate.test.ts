import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { calibrate, type Fitted, type Setting } from './calibrate.js';
import { calibrationOf } from './calibration-of.js';
import { Journal } from './measure/journal.js';
import { Measurements } from './measure/measurements.js';
import type { CorpusPrompt } from './prompts/corpus.js';
import { drawReport } from './report/draw-report.js';
import { makeReport } from './report/make-report.js';
import { reportedMethods } from './report/methods.js';

const decoder = mockDecoder({ layers: 12 });
const words = ['tree', 'river', 'stone', 'bird', 'night', 'wind', 'fire', 'road'];
const prompts: CorpusPrompt[] = Array.from({ length: 18 }, (_, i) => ({
  family: ['a', 'b', 'c'][i % 3],
  prompt: { text: `${words[i % 8]} and ${words[(i * 3) % 8]} ${i} ${words[(i * 5) % 8]}` },
}));
const model = { id: 'mock', fingerprint: await decoder.fingerprint(), layers: 12, hidden: 32 };
const setting: Setting = { model, length: 7, breadth: 3, greedyPrompts: 3, testShare: 0.4 };
const state = path.join(mkdtempSync(path.join(tmpdir(), 'calibrate-')), 'state.jsonl');

async function run(): Promise<{ fitted: Fitted; json: string; svg: string; measured: number }> {
  let measured = 0;
  const measurements = new Measurements(decoder, mockTokenizer(), prompts, {
    journal: Journal.open(state, {
      format: 'pliant-calibration-journal',
      version: 1,
      fingerprint: model.fingerprint,
      tokens: 8,
    }),
    tokens: 8,
    held: 3,
    measured: () => measured++,
  });
  const fitted = await calibrate(measurements, prompts, setting);
  const calibration = calibrationOf(model, fitted, 'staticGreedy');
  const methods = reportedMethods(decoder, calibration, fitted);
  const report = await makeReport(measurements, prompts, fitted, methods, { model });
  measurements.close();
  return { fitted, json: JSON.stringify(report), svg: drawReport(report), measured };
}

it('measures, fits and reports, and takes everything from the journal the second time', async () => {
  const first = await run();
  expect(decoder.openSequences).toBe(0);
  expect(first.fitted.split.unseen.length).toBe(6);
  const kls = first.fitted.greedy.map(({ kl }) => kl);
  expect(kls).toHaveLength(7);
  expect(new Set(first.fitted.greedy.map(({ layer }) => layer)).size).toBe(7);
  expect(JSON.parse(first.json).rows.length).toBeGreaterThan(60);
  expect(first.svg).toContain('ridgeRouter');
  const again = await run();
  expect(again.measured).toBe(0);
  expect(again.json).toBe(first.json);
  expect(readFileSync(state, 'utf8').split('\n').length).toBe(first.measured + 2);
});
