import path from 'node:path';
import { openDecoder } from '@pliant/engine-ort';
import { taskPrompts } from '@pliant/fixtures';
import type { Calibration } from '@pliant/layer-skip';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { command, runCommand, saveFile } from '@pliant/shared/command';
import { toJsonLines } from '@pliant/shared/json-lines';
import { openTokenizer } from '@pliant/transformers';
import { calibrate, expectedMeasurements, type Setting } from './calibrate.js';
import { calibrationOf, onlyShipped } from './calibration-of.js';
import { Journal } from './measure/journal.js';
import { Measurements } from './measure/measurements.js';
import { Progress } from './measure/progress.js';
import { type CalibrateOptions, calibrateOptions, usage } from './options.js';
import { readPrompts } from './prompts/read-prompts.js';
import { drawReport } from './report/draw-report.js';
import { makeReport } from './report/make-report.js';
import { reportedMethods } from './report/methods.js';
import { readScores } from './report/scores.js';
import { readSpeeds } from './report/speeds.js';

/** About what the report measures of a prompt. */
const reported = 140;

await runCommand(
  command({ name: 'calibrate', options: calibrateOptions, usage, run }),
  process.argv.slice(2),
);

async function run(options: CalibrateOptions): Promise<void> {
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
  if (options.estimate) {
    await measureAlone(measurements, prompts.length, model.layers);
    progress.estimate();
  } else {
    const fitted = await calibrate(measurements, prompts, setting);
    const before = calibrationOf(model, fitted, 'staticGreedy');
    const methods = reportedMethods(decoder, before, fitted);
    const sources = { model, speeds, scores };
    const report = await makeReport(measurements, prompts, fitted, methods, sources);
    const { ships } = report.decision;
    saveFile(options.out, toJson(onlyShipped(calibrationOf(model, fitted, ships))));
    saveFile(path.join(options.report, `${model.id}.jsonl`), toJsonLines(report, sixDigits));
    saveFile(path.join(options.report, `${model.id}.svg`), drawReport(report));
    console.error(`ships ${ships}; the order is ${before.order.join(', ')}`);
  }
  measurements.close();
  await decoder.close();
}

/** Measures each layer alone, which the whole does too, on a few prompts. */
async function measureAlone(
  measurements: Measurements,
  prompts: number,
  count: number,
): Promise<void> {
  const layers = Array.from({ length: count - 1 }, (_, i) => [i + 1]);
  for (let index = 0; index < prompts; index++)
    if (await measurements.evidence(index)) await measurements.effects(index, layers);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, sixDigits, 2)}\n`;
}

function sixDigits(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}
