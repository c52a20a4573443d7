import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { completeChat } from './complete-chat.js';
import { parseEndpoint } from './endpoint.js';
import { EndpointError } from './endpoint-error.js';
import { completion, serve } from './server.test.support.js';

const messages = [
  { role: 'system', content: 'Be brief.', keep: 'always' as const },
  { role: 'user', content: 'Grüße, 👋?' },
];
const options = { maxNewTokens: 8, temperature: 0.5, seed: 3 };
const { signal } = new AbortController();
const apiKey = 'sk-secret';

const ask = (base: string, calling: { apiKey?: string; timeoutMs?: number } = {}) =>
  completeChat(parseEndpoint(base, 'served'), messages, options, { signal, ...calling });

/** How asking a server that answers so fails. */
async function failure(
  answer: (response: ServerResponse) => void,
  calling?: { apiKey?: string; timeoutMs?: number },
): Promise<Error> {
  const { base } = await serve(answer);
  const error = await ask(base, calling).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(EndpointError);
  return error;
}

const json = (value: unknown) => (response: ServerResponse) => response.end(JSON.stringify(value));

test('asks as the protocol says and reads the answer', async () => {
  const { base, received } = await serve(json(completion('Hello 👋')));
  expect(await ask(`${base}/?version=2`, { apiKey })).toEqual({
    text: 'Hello 👋',
    finishReason: 'stop',
    usage: { promptTokens: 7, completionTokens: 3 },
  });
  expect(received).toMatchObject([
    {
      method: 'POST',
      path: '/v1/chat/completions?version=2',
      headers: { authorization: 'Bearer sk-secret', 'content-type': 'application/json' },
    },
  ]);
  expect(received[0].body).toEqual({
    model: 'served',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Grüße, 👋?' },
    ],
    max_tokens: 8,
    temperature: 0.5,
    seed: 3,
    stream: false,
  });
});

test('sends no key and no model that were not given', async () => {
  const { base, received } = await serve(json(completion('Hello')));
  await completeChat(parseEndpoint(base), messages, options, { signal });
  expect(received[0].headers).not.toHaveProperty('authorization');
  expect(received[0].body).not.toHaveProperty('model');
});

test('takes an answer without usage, reason and content, as of a model that was still thinking', async () => {
  const { base } = await serve(json({ choices: [{ message: { content: null } }], usage: null }));
  expect(await ask(base)).toEqual({ text: '' });
});

test('reads an answer that comes in pieces, cut inside a character', async () => {
  const { base } = await serve((response) => {
    const body = Buffer.from(JSON.stringify(completion('Grüße')));
    const middle = body.indexOf(Buffer.from('ü')) + 1;
    response.write(body.subarray(0, middle));
    setTimeout(() => response.end(body.subarray(middle)), 20);
  });
  expect((await ask(base)).text).toBe('Grüße');
});

test.each([
  ['{"choices": [', 'not JSON'],
  ['data: {"choices": []}\n\n', 'not JSON. It answers: data: {"choices": []}'],
  ['{"choices": []}', 'choices: '],
  ['{"choices": [{"message": {"content": 3}}]}', 'choices.0.message.content: '],
  ['{"error": {"message": "overloaded"}}', '"overloaded"'],
  ['', 'not JSON. It answers: (nothing)'],
])('refuses %j as an answer', async (body, message) => {
  const error = await failure((response) => response.end(body));
  expect(error.message).toContain('gives no chat completion: ');
  expect(error.message).toContain(message);
});

test('tells a status and the beginning of its body, without the key and control characters', async () => {
  const { message } = await failure(
    (response) => {
      response.statusCode = 401;
      response.end(`{"error": "wrong key\x1b[2J\n${apiKey}"}${'x'.repeat(10_000)}`);
    },
    { apiKey },
  );
  expect(message).toContain('status 401: {"error": "wrong key [2J [key]"}xxx');
  expect(message.length).toBeLessThan(500);
});

test('does not follow a redirect', async () => {
  const elsewhere = await serve(json(completion('stolen')));
  const { message } = await failure(
    (response) => {
      response.writeHead(307, { location: `${elsewhere.base}/chat/completions` });
      response.end();
    },
    { apiKey },
  );
  expect(message).toContain(`redirects to ${elsewhere.base}`);
  expect(elsewhere.received).toEqual([]);
});

test('reads no more than 4 MB', async () => {
  const { message } = await failure((response) => {
    for (let megabyte = 0; megabyte < 5; megabyte++) response.write(Buffer.alloc(1_000_000, ' '));
  });
  expect(message).toContain('more than 4 MB');
});

test('tells a server that is not there, and one that breaks off', async () => {
  const { base, stop } = await serve(json(completion('Hello')));
  await stop();
  await expect(ask(base)).rejects.toThrow(EndpointError);
  await expect(ask(base)).rejects.toThrow('ECONNREFUSED');
  const { message } = await failure((response) => {
    response.write('{"choices"');
    setTimeout(() => response.destroy(), 20);
  });
  expect(message).toContain('broke off');
});

test('gives up on a server that does not answer, or not to the end', async () => {
  const silent = await failure(() => {}, { timeoutMs: 50 });
  expect(silent.message).toContain('does not answer within 0.05 s');
  const halting = await failure((response) => response.write('{'), { timeoutMs: 50 });
  expect(halting.message).toContain('does not answer within 0.05 s');
});

test('stops with the reason of the signal', async () => {
  const abort = new AbortController();
  const { base } = await serve(() => abort.abort(new Error('enough')));
  const endpoint = parseEndpoint(base);
  await expect(completeChat(endpoint, messages, options, { signal: abort.signal })).rejects.toThrow(
    'enough',
  );
});

test('asks a busy server again, and tells when it stays so', async () => {
  const statuses = [429, 503, 200];
  const busy = await serve((response) => {
    response.writeHead(statuses.shift()!, { 'retry-after': '0' });
    response.end(JSON.stringify(completion('Hello')));
  });
  expect((await ask(busy.base)).text).toBe('Hello');
  expect(busy.received.length).toBe(3);
  const { message } = await failure((response) => {
    response.writeHead(429, { 'retry-after': '0' });
    response.end('too many');
  });
  expect(message).toMatch(/status 429: too many/);
});

test('stops waiting for a busy server with the reason of the signal', async () => {
  const abort = new AbortController();
  const { base } = await serve((response) => {
    response.writeHead(429, { 'retry-after': '20' });
    response.end();
    setTimeout(() => abort.abort(new Error('enough')), 50);
  });
  const asked = completeChat(parseEndpoint(base), messages, options, { signal: abort.signal });
  await expect(asked).rejects.toThrow('enough');
});
