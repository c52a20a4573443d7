import { setTimeout as waitFor } from 'node:timers/promises';
import type { Message } from '@pliant/core';
import type { ChatOptions } from './chat-options.js';
import type { Endpoint } from './endpoint.js';
import { EndpointError } from './endpoint-error.js';
import { excerpt } from './excerpt.js';
import { type Completion, parseCompletion } from './parse-completion.js';
import { type ReadText, readText } from './read-text.js';
import { retryAfter } from './retry-after.js';

const megabyte = 1_000_000;
/** Bytes read of an answer and of an error: an answer of text alone is far smaller. */
const limits = { answer: 4 * megabyte, error: 4_000 };
/** How long an answer is waited for, in milliseconds. */
export const answerTimeoutMs = 300_000;

export interface Calling {
  /** Sent as the Bearer token; in no message and no result. */
  readonly apiKey?: string;
  readonly signal: AbortSignal;
  /**
   * Until the whole answer is there. Default five minutes. No connection at all is given up after
   * ten seconds, by fetch.
   */
  readonly timeoutMs?: number;
}

interface Answer extends ReadText {
  readonly response: Response;
}

/**
 * One answer of an OpenAI-compatible server, at once rather than streamed. A server that is busy
 * (429, 503) is asked again, twice at most. Redirects are not followed: they would take prompt and
 * key to an address that nobody named.
 *
 * @throws EndpointError for a server that is not reached, is late or refuses, and for an answer
 * that is not a chat completion, is cut off or too long; the signal's reason when aborted
 */
export async function completeChat(
  endpoint: Endpoint,
  messages: readonly Message[],
  { maxNewTokens, temperature, seed }: ChatOptions,
  calling: Calling,
): Promise<Completion> {
  const body = {
    model: endpoint.model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    max_tokens: maxNewTokens,
    temperature,
    seed,
    stream: false,
  };
  for (let retries = 0; ; retries++) {
    const answer = await exchange(endpoint, JSON.stringify(body), calling);
    const { status, headers } = answer.response;
    const wait = retryAfter(status, headers.get('retry-after'), retries);
    if (wait === undefined) return readAnswer(answer, endpoint, calling);
    process.stderr.write(
      `${endpoint.name} is busy (status ${status}): asked again in ${Math.ceil(wait / 1000)} s\n`,
    );
    await waitFor(wait, undefined, { signal: calling.signal }).catch(() =>
      calling.signal.throwIfAborted(),
    );
  }
}

function readAnswer({ response, text, whole }: Answer, { name }: Endpoint, { apiKey }: Calling) {
  const { status, ok, headers } = response;
  if (status >= 300 && status < 400)
    throw new EndpointError(
      `${name} redirects to ${excerpt(headers.get('location') ?? '', apiKey)}, which is not followed: give --endpoint the server itself`,
    );
  if (!ok)
    throw new EndpointError(`${name} answers with status ${status}: ${excerpt(text, apiKey)}`);
  if (!whole)
    throw new EndpointError(
      `${name} answers with more than ${limits.answer / megabyte} MB: no chat completion is that long`,
    );
  const completion = parseCompletion(text);
  if ('problem' in completion)
    throw new EndpointError(
      `${name} gives no chat completion: ${completion.problem}. It answers: ${excerpt(text, apiKey)}`,
    );
  return completion;
}

async function exchange(
  endpoint: Endpoint,
  body: string,
  { apiKey, signal, timeoutMs = answerTimeoutMs }: Calling,
): Promise<Answer> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, late.signal]),
    });
    return { response, ...(await readText(response, response.ok ? limits.answer : limits.error)) };
  } catch (error) {
    signal.throwIfAborted();
    const reason = late.signal.aborted
      ? `does not answer within ${timeoutMs / 1000} s`
      : `cannot be reached, or broke off: ${causeOf(error)}`;
    throw new EndpointError(`${endpoint.name} ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** fetch says "fetch failed", and its cause what happened. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.message || cause?.code || (error as Error).message;
}
