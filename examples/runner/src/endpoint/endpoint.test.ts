import { expect, test } from 'vitest';
import { UsageError } from '../usage-error.js';
import { parseEndpoint, readApiKey } from './endpoint.js';

test.each([
  ['http://localhost:8080', 'http://localhost:8080/chat/completions'],
  ['https://api.example.com/v1/', 'https://api.example.com/v1/chat/completions'],
  ['https://example.com/v1?version=2', 'https://example.com/v1/chat/completions?version=2'],
])('%s completes chats at %s', (base, url) => {
  expect(parseEndpoint(base).url.href).toBe(url);
});

test('the name leaves out the query, which may hold a secret', () => {
  expect(parseEndpoint('https://example.com/v1?code=secret', 'small')).toMatchObject({
    name: 'https://example.com/v1/chat/completions',
    model: 'small',
  });
});

test.each([
  ['localhost', 'takes a URL'],
  ['file:///etc/passwd', "not 'file:'"],
  ['localhost:8080/v1', "not 'localhost:'"],
  ['https://me:secret@example.com', 'PLIANT_API_KEY'],
])('%s is refused', (base, message) => {
  expect(() => parseEndpoint(base)).toThrow(UsageError);
  expect(() => parseEndpoint(base)).toThrow(message);
});

test('the key comes from the environment', () => {
  expect(readApiKey({ PLIANT_API_KEY: 'sk-1' })).toBe('sk-1');
  expect(readApiKey({ PLIANT_API_KEY: '' })).toBeUndefined();
  expect(readApiKey({})).toBeUndefined();
});

test('a key that no header holds is refused without being shown', () => {
  const read = () => readApiKey({ PLIANT_API_KEY: 'sk-1\nX-Evil: 1' });
  expect(read).toThrow(UsageError);
  expect(read).not.toThrow('sk-1');
});
