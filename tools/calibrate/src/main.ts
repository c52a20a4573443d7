import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openDecoder } from '@pliant/engine-ort';
import { taskPrompts } from '@pliant/fixtures';
import type { Calibration } from '@pliant/layer-skip';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { calibrate, expectedMeasurements, type Setting } from './calibrate.js';
import { calibrationOf, onlyShipped } from './calibration-of.js';
import { Journal } from './measure/journal.js';
import { Measurements } from './measure/measurements.js';
import { Progress } from './measure/progress.js';
import { parseCalibrateOptions } from './options.js';
import { readPrompts } from './prompts/read-prompts.js';
import { drawReport } from './report/draw-report.js';
import { makeReport } from './report/make-report.js';
import { reportedMethods } from './report/methods.js';
import { readScores } from './report/scores.js';
import { readSpeeds } from './report/speeds.js';

const options = parseCalibrateOptions(process.argv.slice(2));
const all = options.prompts ? await readPrompts(options.prompts) : taskPrompts(options.count);
const prompts = all.slice(0, options.estimate ?? options.count);
const speeds = options.speeds ? await readSpeeds(options.speeds) : undefined;
const scores = options.scores ? await readScores(options.scores) : undefined;
const source = options.model ?? smollm2;
const decoder = await openDecoder(source, { threads: options.threads });
const tokenizer = await openTokenizer(source);
const model: Calibration['model'] = {
  id: decoder.id,
  fingerprint: await decoder.fingerprint(),
  layers: decoder.shape.layers,
  hidden: decoder.shape.hidden,
};
const setting: Setting = {
  model,
  length: options.length,
  breadth: options.breadth,
  greedyPrompts: options['greedy-prompts'],
  testShare: options['test-share'],
  unseenFamily: options['unseen-family'],
};
/** About what the report measures of a prompt. */
const reported = 140;
const expected = expectedMeasurements(Math.min(options.count, all.length), setting, reported);
const progress = new Progress(expected);
const journal = Journal.open(options.state, {
  format: 'pliant-calibration-journal',
  version: 1,
  fingerprint: model.fingerprint,
  tokens: options.tokens,
});
const measurements = new Measurements(decoder, tokenizer, prompts, {
  journal,
  tokens: options.tokens,
  held: options['greedy-prompts'],
  measured: progress.measured,
});
if (options.estimate) await estimate();
else await run();
measurements.close();
await decoder.close();

/** Each layer alone on a few prompts: what the whole would take. */
async function estimate(): Promise<void> {
  for (const index of prompts.keys()) {
    if (!(await measurements.evidence(index))) continue;
    const layers = Array.from({ length: model.layers - 1 }, (_, i) => [i + 1]);
    await measurements.effects(index, layers);
  }
  const minutes = (expected * progress.mean) / 60_000;
  console.error(
    `${progress.mean.toFixed(0)} ms a measurement: ${expected} of them take ${minutes.toFixed(0)} minutes`,
  );
}

async function run(): Promise<void> {
  const fitted = await calibrate(measurements, prompts, setting);
  const before = calibrationOf(model, fitted, 'staticGreedy');
  const methods = reportedMethods(decoder, before, fitted);
  const report = await makeReport(measurements, prompts, fitted, methods, {
    model,
    speeds,
    scores,
  });
  const { ships } = report.decision;
  write(options.out, toJson(onlyShipped(calibrationOf(model, fitted, ships))));
  write(path.join(options.report, `${model.id}.json`), toJson(report));
  write(path.join(options.report, `${model.id}.svg`), drawReport(report));
  console.error(`ships ${ships}; the order is ${before.order.join(', ')}`);
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function toJson(value: unknown): string {
  const rounded = (_: string, one: unknown) =>
    typeof one === 'number' ? Number(one.toPrecision(6)) : one;
  return `${JSON.stringify(value, rounded, 2)}\n`;
}
