import type { Message, Tokenizer } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { compressOptions } from '@pliant/presets';
import { compressText } from '@pliant/prompt-compress';
import { openTokenizer } from '@pliant/transformers';
import type { Arguments } from '../arguments.js';
import { makePrompt } from '../document.js';
import { writeJson } from '../json-file.js';
import { print } from '../output.js';
import { plansOf } from '../plans.js';
import { parseChatOptions } from './chat-options.js';
import { answerTimeoutMs, completeChat } from './complete-chat.js';
import { type Endpoint, readApiKey } from './endpoint.js';
import type { EndpointRun, SentPrompt } from './endpoint-run.js';
import {
  makeEndpointReport,
  printEndpoint,
  printEndpointRun,
  printEndpointTable,
} from './report.js';

/** `run` and `compare` with `--endpoint`: the prompt is shortened here and answered there. */
export async function runAtEndpoint(given: Arguments, endpoint: Endpoint): Promise<void> {
  const options = parseChatOptions(given);
  const apiKey = readApiKey(process.env);
  const { messages } = makePrompt(given);
  const tokenizer = await openTokenizer(given.model ?? smollm2);
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  printEndpoint(endpoint, given);
  const runs: EndpointRun[] = [];
  try {
    // All before the first is sent: a server may charge for what a wrong option then makes useless.
    const prompts: SentPrompt[] = [];
    for (const stack of plansOf(given.command, given.stack))
      prompts.push(await shorten(messages, stack, tokenizer, given, abort.signal));
    for (const sent of prompts) {
      process.stderr.write(
        `${sent.stack.join(' + ') || 'plain'}: waiting for the answer, for ${answerTimeoutMs / 1000} s at most\n`,
      );
      const started = performance.now();
      const answer = await completeChat(endpoint, sent.messages, options, {
        apiKey,
        signal: abort.signal,
      });
      runs.push({ ...sent, ...answer, answerMs: performance.now() - started });
      printEndpointRun(runs.at(-1)!);
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    print('\n(aborted)');
    process.exitCode = 130;
  }
  if (runs.length > 0) printEndpointTable(runs);
  if (given.json) writeJson(given.json, makeEndpointReport(endpoint, given, runs));
}

/** The messages as they are sent; with an empty stack whole, and no model is opened. */
async function shorten(
  messages: readonly Message[],
  stack: readonly string[],
  tokenizer: Tokenizer,
  { model, settings }: Arguments,
  signal: AbortSignal,
): Promise<SentPrompt> {
  if (stack.length === 0) {
    const tokens = tokenizer.encode(tokenizer.renderChat(messages)).length;
    const whole = { messages, tokens, tokensKept: tokens, dropped: [], warnings: [] };
    return { stack, ...whole, compressMs: 0 };
  }
  const decoder = await openDecoder(model ?? smollm2);
  try {
    const started = performance.now();
    // From which length a draft pays off was measured for the model here, not for the one there.
    const given = { minTokens: 0, ...settings['prompt-compress'] };
    const options = compressOptions(given, decoder);
    const compressed = await compressText(messages, { ...options, tokenizer, signal });
    return { stack, ...compressed, compressMs: performance.now() - started };
  } finally {
    await decoder.close();
  }
}
