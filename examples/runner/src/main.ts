import { PliantError } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { type Arguments, askedFor, parseArguments } from './arguments.js';
import { contextHint } from './context-hint.js';
import { makePrompt } from './document.js';
import { EndpointError } from './endpoint/endpoint-error.js';
import { runAtEndpoint } from './endpoint/run-at-endpoint.js';
import { printInspection } from './inspect.js';
import { checkJsonFile, writeJson } from './json-file.js';
import { print, printToStandardError, watchOutput } from './output.js';
import { plansOf } from './plans.js';
import { prepareStack, recordDrafts } from './prepare.js';
import { makeReport, printHeader, printMetrics, printRun } from './report.js';
import { type Run, runStack } from './run-stack.js';
import { makeStack } from './stack.js';
import { usage, version } from './usage.js';
import { UsageError } from './usage-error.js';

async function main(argv: readonly string[]): Promise<void> {
  let json: string | undefined;
  watchOutput(() => json !== undefined && json !== '-');
  const asked = askedFor(argv);
  if (asked) return print(asked === 'help' ? usage.trimEnd() : version());
  const given = parseArguments(argv);
  json = given.json;
  if (json === '-') printToStandardError();
  if (json) checkJsonFile(json);
  if (given.endpoint) return runAtEndpoint(given, given.endpoint);
  return runHere(given);
}

async function runHere(given: Arguments): Promise<void> {
  const decoder = await openDecoder(given.model ?? smollm2);
  try {
    if (given.command === 'inspect') return printInspection(decoder);
    const tokenizer = await openTokenizer(given.model ?? smollm2);
    const prompt = makePrompt(given);
    const { drafting, drafts } = recordDrafts(decoder);
    const plans = plansOf(given.command, makeStack(given.stack, given.settings, drafting));
    const abort = new AbortController();
    process.once('SIGINT', () => abort.abort());
    printHeader(decoder, given);
    for (const plan of plans) await prepareStack(decoder, plan, drafts);
    const runs: Run[] = [];
    for (const plan of plans) {
      if (abort.signal.aborted) break;
      runs.push(await runStack(decoder, tokenizer, plan, prompt, given, abort.signal));
      printRun(runs.at(-1)!);
    }
    printMetrics(runs);
    if (given.json) writeJson(given.json, makeReport(decoder, given, runs));
    if (abort.signal.aborted) process.exitCode = 130;
  } finally {
    await decoder.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isWrongUse = error instanceof UsageError;
  if (!isWrongUse && !PliantError.isInstance(error)) throw error;
  const { message } = error as Error;
  console.error(
    `${message}${contextHint(error)}${isWrongUse ? '\n--help lists the options.' : ''}`,
  );
  process.exitCode = EndpointError.isInstance(error) ? 1 : 2;
}
