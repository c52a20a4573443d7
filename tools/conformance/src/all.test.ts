import { type Capability, type Middleware, type Pipeline, pipeline } from '@pliant/core';
import { type ConformanceSubject, mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { changing, drafting } from './subjects.js';

const tokenizer = mockTokenizer();
const messages = [
  { role: 'system', content: 'Answer in one line.', keep: 'always' as const },
  {
    role: 'user',
    content:
      'In the harbour lay the Aurora, the Bessie and the Clara; the number of the Clara was 39926. What was it?',
  },
];

/** Every order of the items. */
function orders<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    orders(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

function stackOf(order: readonly ConformanceSubject[], setting: 'neutral' | 'active') {
  const decoder = mockDecoder();
  let stack: Pipeline<Capability, object> = pipeline(decoder, { tokenizer });
  for (const subject of order) {
    const middleware: unknown = subject[setting](decoder, tokenizer);
    // Subjects forget what a middleware takes from the context; none of these takes anything.
    stack = stack.use(middleware as Middleware<string, Capability, unknown, object>);
  }
  return { decoder, stack };
}

describe.each(
  orders(changing).map((order) => [order.map(({ name }) => name).join(' + '), order] as const),
)('%s', (_names, order) => {
  it('set to change nothing, is the plain run', async () => {
    const options = { maxNewTokens: 12 };
    const plain = await pipeline(mockDecoder(), { tokenizer }).generate({ messages }, options);
    const { decoder, stack } = stackOf(order, 'neutral');
    const result = await stack.generate({ messages }, options);
    expect(result.tokens).toEqual(plain.tokens);
    expect(result.text).toBe(plain.text);
    expect(result.logWeight).toBeCloseTo(0, 9);
    expect(decoder.openSequences).toBe(0);
  });

  it('works at once', async () => {
    const { decoder, stack } = stackOf(order, 'active');
    const { text, metrics } = await stack.generate({ messages }, { maxNewTokens: 12 });
    expect(text).toMatch(/^[a-z0-9 .,]+$/);
    expect(metrics.promptTokensKept).toBe(64);
    expect(metrics.middlewares['prompt-compress'].tokensKept).toBe(64);
    expect(metrics.middlewares['kv-drop'].rowsKept).toBe(24);
    expect(metrics.middlewares['layer-skip'].layersSkipped).toBe(1);
    expect(metrics.middlewares.constrain.checks).toBeGreaterThan(0);
    expect(decoder.calls.at(-1)!.layers).toEqual([1, 1, 0, 1]);
    expect(decoder.openSequences).toBe(0);
  });

  it('writes the same text with drafts', async () => {
    const options = { maxNewTokens: 12 };
    const { text } = await stackOf(order, 'active').stack.generate({ messages }, options);
    const { decoder, stack } = stackOf([...order, ...drafting], 'active');
    const result = await stack.generate({ messages }, options);
    expect(result.text).toBe(text);
    const counts = drafting.map(({ name }) => result.metrics.middlewares[name].tokensDrafted);
    expect(Math.max(...counts)).toBeGreaterThan(0);
    expect(decoder.openSequences).toBe(0);
  });
});
