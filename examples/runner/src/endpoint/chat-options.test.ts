import { InvalidOptionsError } from '@pliant/core';
import { expect, test } from 'vitest';
import { parseChatOptions } from './chat-options.js';

const options = { maxNewTokens: 8, temperature: 0.5, seed: -3 };

test('takes what the pipeline takes, and nothing beside it', () => {
  expect(parseChatOptions({ ...options, ...{ json: 'runs.json' } })).toEqual(options);
});

test.each([{ maxNewTokens: 0 }, { temperature: -1 }, { temperature: Infinity }, { seed: 0.5 }])(
  'refuses %o',
  (wrong) => {
    const parse = () => parseChatOptions({ ...options, ...wrong });
    expect(parse).toThrow(InvalidOptionsError);
    expect(parse).toThrow(`option '${Object.keys(wrong)[0]}'`);
  },
);
