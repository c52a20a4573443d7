import { PliantError } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { type Arguments, parseArguments, usage } from './arguments.js';
import { makePrompt } from './document.js';
import { EndpointError } from './endpoint/endpoint-error.js';
import { runAtEndpoint } from './endpoint/run-at-endpoint.js';
import { printInspection } from './inspect.js';
import { plansOf } from './plans.js';
import { printHeader, printMetrics, printRun, writeJson } from './report.js';
import { type Run, runStack } from './run-stack.js';
import { makeStack } from './stack.js';
import { UsageError } from './usage-error.js';

async function main(given: Arguments): Promise<void> {
  if (given.endpoint) return runAtEndpoint(given, given.endpoint);
  const decoder = await openDecoder(given.model ?? smollm2);
  try {
    if (given.command === 'inspect') return printInspection(decoder);
    const tokenizer = await openTokenizer(given.model ?? smollm2);
    const prompt = makePrompt(given);
    const stack = makeStack(given.stack, given.settings, decoder);
    const abort = new AbortController();
    process.once('SIGINT', () => abort.abort());
    printHeader(decoder, given);
    const runs: Run[] = [];
    for (const plan of plansOf(given.command, stack)) {
      if (abort.signal.aborted) break;
      runs.push(await runStack(decoder, tokenizer, plan, prompt, given, abort.signal));
      printRun(runs.at(-1)!);
    }
    printMetrics(runs);
    if (given.json) writeJson(given.json, decoder, given, runs);
    if (abort.signal.aborted) process.exitCode = 130;
  } finally {
    await decoder.close();
  }
}

try {
  await main(parseArguments(process.argv.slice(2)));
} catch (error) {
  const isWrongUse = error instanceof UsageError;
  if (!isWrongUse && !PliantError.isInstance(error)) throw error;
  console.error(`${(error as Error).message}\n${isWrongUse ? `\n${usage}` : ''}`);
  process.exitCode = EndpointError.isInstance(error) ? 1 : 2;
}
