import { describe, expect, expectTypeOf, it } from 'vitest';
import { MiddlewareError } from '../contract/errors.js';
import type { Middleware } from '../contract/middleware.js';
import type { Result } from '../contract/result.js';
import { pipeline } from '../pipeline.js';
import { mockDecoder, mockTokenizer } from '../testing/index.js';

const tokenizer = mockTokenizer();
const prompt = { text: 'The quick brown fox' };

/** Ends the text after three tokens and gives a value for it. */
function valued<Name extends string, Value>(
  name: Name,
  value: (text: string) => Value | undefined,
  length = 3,
  // biome-ignore lint/complexity/noBannedTypes: provides nothing
): Middleware<Name, never, unknown, {}, Value> {
  return {
    specificationVersion: 'v1',
    name,
    requires: [],
    create: (run) => ({
      commit() {
        if (run.generated.length === length) run.stopWhen('enough');
      },
      value,
    }),
  };
}

describe('the value of a result', () => {
  const plain = pipeline(mockDecoder(), { tokenizer });

  it('is typed by the middlewares and given with the text it is made of', async () => {
    const result = await plain.use(valued('length', (text) => text.length)).generate(prompt);
    expectTypeOf(result.value).toEqualTypeOf<number | undefined>();
    expect(result.value).toBe(result.text.length);
    expectTypeOf((await plain.generate(prompt)).value).toEqualTypeOf<undefined>();
    expectTypeOf<Result['value']>().toEqualTypeOf<unknown>();
  });

  it('is that of the last middleware that gives one', async () => {
    const stack = plain
      .use(valued('one', () => 1))
      .use(valued('text', (text) => text))
      .use(valued('none', (): undefined => undefined));
    const result = await stack.generate(prompt);
    expectTypeOf(result.value).toEqualTypeOf<number | string | undefined>();
    expect(result.value).toBe(result.text);
  });

  it('keeps its type beside middlewares that say nothing of values', async () => {
    const silent: Middleware<'silent'> = {
      specificationVersion: 'v1',
      name: 'silent',
      requires: [],
      create: () => ({}),
    };
    const stack = plain.use(silent).use(valued('length', (text) => text.length));
    expectTypeOf((await stack.generate(prompt)).value).toEqualTypeOf<number | undefined>();
    const list: Middleware<string>[] = [silent, valued('text', (text) => text)];
    expect(list.map(({ name }) => name)).toEqual(['silent', 'text']);
  });

  it('comes with streams, forks and loops', async () => {
    const stack = plain.use(valued('length', (text) => text.length));
    for await (const part of stack.stream(prompt))
      if (part.type === 'finish') {
        expectTypeOf(part.result.value).toEqualTypeOf<number | undefined>();
        expect(part.result.value).toBe(part.result.text.length);
      }
    const generation = await stack.start(prompt);
    expect(generation.result().value).toBeUndefined();
    const copy = await generation.fork({ seed: 1 });
    while (!copy.done) await copy.step();
    expectTypeOf(copy.result().value).toEqualTypeOf<number | undefined>();
    expect(copy.result().value).toBe(copy.text.length);
    await generation.close();
    await copy.close();
  });

  it('is absent from a text that was cut', async () => {
    const stack = plain.use(valued('length', (text) => text.length, 5));
    const result = await stack.generate(prompt, { maxNewTokens: 4 });
    expect(result.finishReason).toBe('length');
    expect('value' in result).toBe(false);
  });

  it('blames the middleware that throws', async () => {
    const stack = plain.use(
      valued('broken', () => {
        throw new Error('no value');
      }),
    );
    const error = await stack.generate(prompt).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MiddlewareError);
    expect(error).toMatchObject({ middleware: 'broken', phase: 'value' });
  });
});
