import { describe, expect, it, test } from 'vitest';
import { PresetError } from '../preset-error.js';
import { parseStack } from './parse-stack.js';

const all = 'prompt-compress,kv-drop,layer-skip,constrain';
const set = (...assignments: string[]) => parseStack(all, assignments).settings;

describe('parseStack', () => {
  it('has the names in their order; none is the plain run', () => {
    expect(parseStack('layer-skip,kv-drop').names).toEqual(['layer-skip', 'kv-drop']);
    expect(parseStack('')).toEqual({ names: [], settings: {} });
  });

  it('takes JSON values or text, and dots nest, in either order', () => {
    expect(set('layer-skip.layers=[3,4]', 'constrain.regex=[0-9]{5}')).toEqual({
      'layer-skip': { layers: [3, 4] },
      constrain: { regex: '[0-9]{5}' },
    });
    const policy = { 'kv-drop': { policy: { name: 'snapKV', window: 16 } } };
    expect(set('kv-drop.policy=snapKV', 'kv-drop.policy.window=16')).toEqual(policy);
    expect(set('kv-drop.policy.window=16', 'kv-drop.policy=snapKV')).toEqual(policy);
    expect(set('kv-drop.policy.window=16', 'kv-drop.policy={"name":"snapKV"}')).toEqual(policy);
    expect(set('layer-skip.layers=[3,4]', 'layer-skip.layers=[5]')).toEqual({
      'layer-skip': { layers: [5] },
    });
  });
});

test.each<[string, string[], string]>([
  ['kv-drop,magic', [], "'magic' is not a middleware"],
  ['kv-drop,layer-skip,kv-drop', [], "'kv-drop' is in --stack twice"],
  [all, ['kv-drop'], "--set takes NAME.OPTION=VALUE, not 'kv-drop'"],
  [all, ['magic.a=1'], "'magic' is not a middleware"],
  ['', ['kv-drop.budget=3'], "--set kv-drop... has no effect: 'kv-drop' is not in --stack"],
])('%s with %j is refused', (stack, assignments, message) => {
  expect(() => parseStack(stack, assignments)).toThrow(PresetError);
  expect(() => parseStack(stack, assignments)).toThrow(message);
});
