import { expect, test } from 'vitest';
import { askedFor, parseArguments } from './arguments.js';
import { UsageError } from './usage-error.js';

test('without arguments: compare, with all four', () => {
  expect(parseArguments([])).toMatchObject({
    command: 'compare',
    stack: ['prompt-compress', 'kv-drop', 'layer-skip', 'constrain'],
    maxNewTokens: 48,
    temperature: 0,
    seed: 0,
  });
});

test('run is plain unless a stack is named', () => {
  expect(parseArguments(['run']).stack).toEqual([]);
  expect(parseArguments(['run', '--stack', 'kv-drop']).stack).toEqual(['kv-drop']);
});

test('settings take JSON values or text, and dots nest, in either order', () => {
  const set = (...assignments: string[]) =>
    parseArguments(assignments.flatMap((assignment) => ['--set', assignment])).settings;
  expect(set('layer-skip.layers=[3,4]', 'constrain.regex=[0-9]{5}')).toEqual({
    'layer-skip': { layers: [3, 4] },
    constrain: { regex: '[0-9]{5}' },
  });
  const policy = { 'kv-drop': { policy: { name: 'snapKV', window: 16 } } };
  expect(set('kv-drop.policy=snapKV', 'kv-drop.policy.window=16')).toEqual(policy);
  expect(set('kv-drop.policy.window=16', 'kv-drop.policy=snapKV')).toEqual(policy);
  expect(set('kv-drop.policy.window=16', 'kv-drop.policy={"name":"snapKV"}')).toEqual(policy);
});

test('a setting given again takes the place of the first', () => {
  const given = ['--set', 'layer-skip.layers=[3,4]', '--set', 'layer-skip.layers=[5]'];
  expect(parseArguments(given).settings).toEqual({ 'layer-skip': { layers: [5] } });
});

test('with an endpoint, compare shortens the prompt and nothing else', () => {
  const url = 'http://localhost:8080/v1';
  expect(parseArguments(['--endpoint', url, '--endpoint-model', 'small'])).toMatchObject({
    stack: ['prompt-compress'],
    endpoint: { name: `${url}/chat/completions`, model: 'small' },
  });
  expect(parseArguments(['run', '--endpoint', url]).stack).toEqual([]);
  expect(parseArguments(['run']).endpoint).toBeUndefined();
});

const endpoint = ['--endpoint', 'http://localhost'];

test.each([
  [['walk'], "'walk' is not a command"],
  [['run', 'fast'], "'fast' is one argument too many"],
  [['--stack', 'kv-drop,magic'], "'magic' is not a middleware"],
  [['--stack', 'kv-drop,layer-skip,kv-drop'], "'kv-drop' is in --stack twice"],
  [['--set', 'kv-drop'], "not 'kv-drop'"],
  [['--set', 'magic.a=1'], "'magic' is not a middleware"],
  [['run', '--set', 'kv-drop.budget=3'], 'not in --stack'],
  [['--seed', 'x'], '--seed takes a number'],
  [['--speed', '9'], '--speed'],
  [['--endpoint', 'ftp://localhost'], "not 'ftp:'"],
  [['--endpoint-model', 'small'], 'no effect without --endpoint'],
  [['inspect', ...endpoint], 'no effect on inspect'],
  [['inspect', '--stack', 'kv-drop'], '--stack has no effect on inspect'],
  [['inspect', '--prompt', 'a.txt'], '--prompt has no effect on inspect'],
  [['inspect', '--json', 'a.json'], '--json has no effect on inspect'],
  [['inspect', '--seed', '0'], '--seed has no effect on inspect'],
  [[...endpoint, '--stack', 'prompt-compress,kv-drop'], "'kv-drop' works inside the model"],
  [['run', ...endpoint, '--stack', 'constrain'], "'constrain' works inside the model"],
  [['run', ...endpoint, '--set', 'prompt-compress.keep=64'], 'not in --stack'],
])('%o is wrong use', (argv, message) => {
  expect(() => parseArguments(argv)).toThrow(UsageError);
  expect(() => parseArguments(argv)).toThrow(message);
});

test.each([
  [['--help'], 'help'],
  [['inspect', '-h'], 'help'],
  [['run', '--nonsense', '--help', '--version'], 'help'],
  [['compare', '--seed', '3', '--version'], 'version'],
  [['run', '--seed', '3'], undefined],
  [['run', '--question', 'help'], undefined],
])('%o asks for %s', (argv, asked) => {
  expect(askedFor(argv)).toBe(asked);
});
