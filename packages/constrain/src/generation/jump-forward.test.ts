import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { constrain } from '../constrain.js';
import { regex } from '../constraints/regex.js';
import { forcedTokens } from './jump-forward.js';

const tokenizer = mockTokenizer();
const prompt = { text: 'A record: ' };
const record = /\{"the first thing": "[a-z]{2,5}", "the other thing": (?:true|false)\}/;

async function run(jumpForward: boolean, options: object, decoder = mockDecoder()) {
  const stack = pipeline(decoder, { tokenizer }).use(constrain(regex(record), { jumpForward }));
  const before = decoder.calls.length;
  const result = await stack.generate(prompt, options);
  return { result, forwards: decoder.calls.length - before };
}

describe('jumpForward', () => {
  it.each([0, 1])(
    'gives the same text from fewer forwards, temperature %d',
    async (temperature) => {
      let [saved, total] = [0, 0];
      for (let seed = 0; seed < 6; seed++) {
        const options = { temperature, seed, maxNewTokens: 120 };
        const plain = await run(false, options, mockDecoder({ seed }));
        const jumped = await run(true, options, mockDecoder({ seed }));
        expect(jumped.result.tokens).toEqual(plain.result.tokens);
        expect(jumped.result.logWeight).toBeCloseTo(plain.result.logWeight, 4);
        const { forwardsSaved, proposed } = jumped.result.metrics.middlewares.constrain;
        expect(plain.forwards - jumped.forwards).toBe(forwardsSaved);
        expect(proposed).toBeGreaterThanOrEqual(forwardsSaved);
        saved += forwardsSaved;
        total += plain.forwards;
      }
      expect(saved).toBeGreaterThan(0);
      expect(saved).toBeLessThan(total);
    },
  );

  it('goes without where the decoder cannot verify, and says so', async () => {
    const decoder = mockDecoder({ capabilities: [] });
    const { result } = await run(true, { maxNewTokens: 120 }, decoder);
    expect(result.tokens).toEqual((await run(false, { maxNewTokens: 120 })).result.tokens);
    expect(result.warnings.map(({ type, feature }) => [type, feature])).toEqual([
      ['degraded', 'logits.all'],
      ['degraded', 'kv.edit'],
      ['degraded', 'logits.stepwise'],
    ]);
  });

  it('goes on after a fork and after tokens taken back', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      constrain(regex(record), { jumpForward: true }),
    );
    const expected = (await run(false, { maxNewTokens: 120 })).result.tokens;
    const generation = await stack.start(prompt, { maxNewTokens: 120 });
    for (let i = 0; i < 5; i++) await generation.step();
    const copy = await generation.fork({ seed: 1 });
    generation.rollback(3);
    for (const one of [generation, copy]) {
      while (!one.done) await one.step();
      expect(one.tokens).toEqual(expected);
      await one.close();
    }
  });

  it('reads the ending of a completed text in one forward', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use(
      constrain(regex(/\[(?:"[a-z]{3}", )*"the end of the list"\]/), {
        jumpForward: true,
        onLength: 'complete',
      }),
    );
    const { text, stopReason } = await stack.generate(prompt, { maxNewTokens: 40, temperature: 2 });
    expect(text).toMatch(/"the end of the list"\]$/);
    if (stopReason === 'length') expect(decoder.calls.at(-1)!.ids.length).toBeGreaterThan(5);
  });
});

describe('forcedTokens', () => {
  const shown = (bytes: Uint8Array) =>
    forcedTokens(bytes, tokenizer).map((id) => tokenizer.decode([id]));

  it('are those that the tokenizer writes, without the last', () => {
    expect(shown(Buffer.from('the thing"'))).toEqual(['the', ' t', 'h', 'ing']);
    expect(shown(Buffer.from('x'))).toEqual([]);
    expect(shown(new Uint8Array(0))).toEqual([]);
  });

  it('leave out half a character, and are none inside of one', () => {
    expect(shown(Uint8Array.of(0x61, 0x62, 0xe2, 0x82))).toEqual(['a']);
    expect(shown(Uint8Array.of(0x82, 0xac, 0x61))).toEqual([]);
  });

  it('end before a control token written out', () => {
    expect(shown(Buffer.from('ab<|end|>cd'))).toEqual(['a', 'b']);
  });
});
