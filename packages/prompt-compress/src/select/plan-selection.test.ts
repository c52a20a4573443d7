import { type EncodedPrompt, encodePrompt, type Message, PromptError } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { droppedCharacters } from '../report/dropped.js';
import { byteTokenizer } from '../testing/other-tokenizers.test.support.js';
import { roughText } from '../testing/rough-text.test.support.js';
import { keepTokens } from './keep-tokens.js';
import { type PlanOptions, planSelection } from './plan-selection.js';

const tokenizer = mockTokenizer();
const bytes = byteTokenizer();
const options: PlanOptions = {
  keep: 40,
  window: 4,
  unit: 'token',
  kernel: 3,
  neighbours: 3,
  reduction: 'max',
  weightedQuery: true,
  lookahead: 1,
  question: 'detect',
  keepRoles: ['system'],
  keepTemplate: true,
  keepQuestion: false,
  keepFences: false,
  perMessage: false,
  needsText: true,
  keepSomeOfEach: false,
};
const plan = (prompt: EncodedPrompt, given: Partial<PlanOptions>, used = tokenizer) =>
  planSelection('test', prompt, used, { ...options, ...given });
const textOf = (ids: Iterable<number>) =>
  Buffer.concat(Array.from(ids, (id) => tokenizer.bytes(id))).toString();

/** What stays of a text, a token a byte, by scores that are given for each of its parts. */
function chosen(parts: readonly [text: string, score: number][], given: Partial<PlanOptions>) {
  const prompt = encodePrompt({ text: parts.map(([text]) => text).join('') }, bytes);
  const score = Float64Array.from(
    parts.flatMap(([text, value]) => Array<number>(Buffer.byteLength(text)).fill(value)),
  );
  const { kept } = plan(prompt, given, bytes).choose(score);
  return textOf(kept.map((token) => prompt.ids[token]));
}

describe('a question before the text', () => {
  const question = 'What does the tenant pay each month?';
  const content = `${question}\n\n${'The rent is 700 a month. '.repeat(20)}`;
  const prompt = encodePrompt({ messages: [{ role: 'user', content }] }, tokenizer);
  const [found] = plan(prompt, { keep: 200, window: 8 }).questions;

  it('stays whole where it has room', () => {
    expect(textOf(prompt.ids.subarray(found.from, found.to)).trim()).toBe(question);
  });

  it('is no question where it has none and was only detected', () => {
    const { questions, warnings, keep } = plan(prompt, { keep: 40, window: 8 });
    expect(questions).toEqual([]);
    expect(keep).toBe(40);
    expect(warnings).toMatchObject([{ feature: 'question' }]);
  });

  it('is refused where it was named and has no room', () => {
    expect(() => plan(prompt, { keep: 40, window: 8, question: { text: question } })).toThrow(
      PromptError,
    );
  });
});

describe('whole sentences and lines', () => {
  const byScore = { unit: 'sentence', lexicalWeight: 0, context: 0 } as const;
  const parts: [string, number][] = [
    ['Fair but long, long, long.', 0.3],
    [' Best of all 😀.', 0.9],
    [' Bad.', 0.1],
    [' Too long by far, long, long, long, long, long.', 0.8],
    ['\r\nGood enough.', 0.5],
    ['\r\nWhat?', 0],
  ];

  it('are kept by their scores, those that do not fit skipped', () => {
    expect(chosen(parts, { ...byScore, keep: 50 })).toBe(
      ' Best of all 😀. Bad.\r\nGood enough.\r\nWhat?',
    );
    expect(chosen(parts, { ...byScore, keep: 65 })).toBe(
      'Fair but long, long, long. Best of all 😀.\r\nGood enough.\r\nWhat?',
    );
  });

  it('begin with the one that the window cuts', () => {
    expect(chosen(parts, { ...byScore, keep: 21, window: 8 })).toBe('\r\nGood enough.\r\nWhat?');
    // If it does not fit, the part that the window holds stays. Units longer than keep are taken in
    // pieces.
    expect(chosen(parts, { ...byScore, keep: 20, window: 8 })).toBe(' Too long by.\r\nWhat?');
  });

  it('leave the characters of the window whole where they do not fit', () => {
    const parts: [string, number][] = [
      ['Ok.', 0.5],
      [' A sentence that is too long for what is left 😀.', 0],
    ];
    expect(chosen(parts, { ...byScore, keep: 8, window: 3 })).toBe('Ok.😀.');
  });

  it('leave whole code points of a joined emoji that does not fit', () => {
    // 🏳, a variation selector, a joiner and 🌈: 14 bytes, of which the window has the last.
    expect(chosen([['A boat. 🏳️‍🌈', 0.5]], { unit: 'token', keep: 5, window: 1 })).toContain('🌈');
  });

  it('are not looked for in ids that are no text', () => {
    const prompt = encodePrompt({ ids: Array(60).fill(0xff) }, tokenizer);
    for (const given of [{ unit: 'line' }, { keepFences: true }, {}] as const)
      expect(() => plan(prompt, given)).toThrow(PromptError);
    for (const given of [
      { unit: undefined, keep: { evidence: 0.9 } },
      { unit: undefined, lexicalWeight: 1 },
      { question: { text: 'Who?' } },
    ] as const)
      expect(() => plan(prompt, { needsText: false, ...given })).toThrow(PromptError);
    const { choose } = plan(prompt, { needsText: false });
    expect(choose(new Float64Array(60)).kept.length).toBe(40);
  });
});

describe('budgets per message', () => {
  it('are shares of what can be dropped', () => {
    const content = '#$%&*+=;:<>|~^-@'.repeat(5);
    const messages = [
      { role: 'system', content: 'xyz' },
      { role: 'user', content },
      { role: 'assistant', content: content.slice(0, 40) },
      { role: 'user', content: content.slice(0, 4) },
    ];
    const prompt = encodePrompt({ messages }, bytes);
    const droppable = 124;
    const keep = prompt.ids.length - droppable + 62;
    const score = Float64Array.from(prompt.ids, (_, token) => token);
    const lengths = (given: Partial<PlanOptions>) => {
      const { kept } = plan(
        prompt,
        { question: 'last', ...given, keep, neighbours: 0 },
        bytes,
      ).choose(score);
      return keepTokens(prompt, kept).spans.map(({ from, to }) => to - from);
    };
    expect(lengths({ perMessage: true })).toEqual([3, 40, 20, 2]);
    expect(lengths({})).toEqual([3, 18, 40, 4]);
  });
});

describe('something of each message', () => {
  it('is its best block, where nothing of it stays anyway', () => {
    const messages = ['#$%', '&*+', ' = '].map((content) => ({ role: 'user', content }));
    const prompt = encodePrompt({ messages }, bytes);
    const tail = '<|end|>\n<|start|>user\n = <|end|>\n<|start|>assistant\n';
    const of = '#$&+'
      .split('')
      .map((letter) => prompt.text.lastIndexOf(`${letter}`, prompt.text.indexOf('&*+') + 2));
    const score = new Float64Array(prompt.ids.length);
    [0.2, 0.5, 0.9, 0.1].forEach((value, i) => {
      score[of[i]] = value;
    });
    const given = {
      question: 'last',
      window: tail.length + 1,
      neighbours: 0,
      kernel: 1,
      keepSomeOfEach: true,
    } as const;
    const required = prompt.ids.length - 5;
    const contents = (keep: number) => {
      const { kept } = plan(prompt, { ...given, keep }, bytes).choose(score);
      return keepTokens(prompt, kept).spans.map(({ from, to }) =>
        Buffer.from(kept.slice(from, to).map((token) => prompt.ids[token])).toString(),
      );
    };
    expect(contents(required)).toEqual(['+', '=']);
    expect(contents(required + 1)).toEqual(['$', '+', '=']);
    expect(contents(required + 2)).toEqual(['$', '&+', '=']);
  });
});

const scored = fc.record({
  text: roughText,
  scores: fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
  used: fc.constantFrom(tokenizer, bytes),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  window: fc.integer({ min: 1, max: 6 }),
  unit: fc.constantFrom('token' as const, 'sentence' as const, 'line' as const),
  keepFences: fc.boolean(),
});

describe('any text', () => {
  it('keeps at most the budget, and ranges that tokenise to the kept tokens', () => {
    fc.assert(
      fc.property(scored, ({ text, scores, used, share, window, unit, keepFences }) => {
        const prompt = encodePrompt({ text }, used);
        const keep = Math.max(1, Math.ceil(share * prompt.ids.length));
        let planned: ReturnType<typeof planSelection>;
        try {
          planned = plan(prompt, { keep, window, unit, keepFences }, used);
        } catch (error) {
          expect(String(error)).toMatch(/must stay/);
          return;
        }
        const score = Float64Array.from(prompt.ids, () => scores.next().value ?? 0);
        const { kept } = planned.choose(score);
        expect(kept.length).toBeLessThanOrEqual(keep);
        if (keep === prompt.ids.length) expect(kept.length).toBe(keep);

        const dropped = droppedCharacters(planned.characters, kept);
        const begins = [0, ...dropped.map(({ to }) => to)];
        const ends = [...dropped.map(({ from }) => from), text.length];
        const found = begins.flatMap((from, i) => [...used.encode(text.slice(from, ends[i]))]);
        // Unless the window cuts a character and there is no room to complete it.
        const { start, end } = planned.characters;
        const first = prompt.ids.length - window;
        const isCut = first > 0 && start[first] < end[first - 1];
        if (isCut && (keepFences || keep - window < 3)) return;
        expect(found).toEqual(Array.from(kept, (token) => prompt.ids[token]));
      }),
      { numRuns: 300, seed: 10 },
    );
  });
});

describe('a chat of 30 messages with tools', () => {
  const roles = ['user', 'assistant', 'tool', 'assistant'];
  const contents = fc.array(
    roughText.map((text) => text.replaceAll('<|end|>', '')),
    { minLength: 30, maxLength: 30 },
  );
  const rolesIn = (text: string) =>
    Array.from(text.matchAll(/<\|start\|>([a-z]+)\n/g), ([, role]) => role);

  it('keeps a structure from which the roles parse back', () => {
    fc.assert(
      fc.property(
        contents,
        fc.integer({ min: 0, max: 400 }),
        fc.boolean(),
        fc.constantFrom('token' as const, 'sentence' as const, 'line' as const),
        fc.infiniteStream(fc.nat(9)),
        (texts, room, perMessage, unit, scores) => {
          const messages: Message[] = texts.map((content, i) =>
            i === 0
              ? { role: 'system', content: 'Tools: {"name": "add"}' }
              : { role: roles[i % 4], content },
          );
          const prompt = encodePrompt({ messages }, tokenizer);
          const template = prompt.ids.length - prompt.spans.reduce((n, s) => n + s.to - s.from, 0);
          const keep = template + 60 + room;
          fc.pre(keep < prompt.ids.length);
          const planned = plan(prompt, { keep, unit, perMessage });
          const { kept } = planned.choose(
            Float64Array.from(prompt.ids, () => scores.next().value ?? 0),
          );
          const shortened = textOf(kept.map((token) => prompt.ids[token]));
          expect(rolesIn(shortened)).toEqual([...messages.map(({ role }) => role), 'assistant']);
          expect(shortened.split('<|end|>\n').length).toBe(31);
          expect(shortened).toContain('Tools: {"name": "add"}');
        },
      ),
      { numRuns: 40, seed: 11 },
    );
  });
});

describe('a word longer than keep', () => {
  it.each([['a'.repeat(300)], ['Donaudampfschifffahrt'.repeat(20)], [`e${'\u0301'.repeat(300)}`]])(
    'of which the window has a part is taken in pieces (%#)',
    (text) => {
      const prompt = encodePrompt({ text }, bytes);
      const score = Float64Array.from(prompt.ids, (_, i) => Math.sin(i) + 1);
      for (const keep of [40, 100]) {
        const { kept, warnings } = plan(prompt, { keep, window: 8 }, bytes).choose(score);
        expect(kept.length).toBeLessThanOrEqual(keep);
        // A piece of up to an eighth of keep may not fit any more.
        if (!text.startsWith('e')) expect(kept.length).toBeGreaterThan(keep * 0.85);
        expect(warnings.length).toBeGreaterThan(0);
      }
    },
  );
});
