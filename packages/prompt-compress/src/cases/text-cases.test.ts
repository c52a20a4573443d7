import { readFileSync } from 'node:fs';
import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, test } from 'vitest';
import { type PromptCompressOptions, promptCompress } from '../prompt-compress.js';
import type { TextRange } from '../text/text-range.js';

interface TextCase {
  readonly id: string;
  readonly expected: string;
  readonly text: string;
  readonly units?: readonly string[];
  readonly separate?: boolean;
  readonly whole?: readonly string[];
  readonly noNewNumbers?: boolean;
  readonly fences?: readonly string[];
  readonly free?: readonly string[];
  readonly fillerFirst?: boolean;
}

const casesOf = (file: string) =>
  (
    JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as {
      readonly cases: readonly TextCase[];
    }
  ).cases;
const named = (file: string) => casesOf(file).map((one) => [one.id, one.expected, one] as const);

const filler = 'Five boats came in. '.repeat(15).trim();
const question = 'Which one was it?';

/** What is dropped of `content`, for each seed and share. */
async function runs(
  content: string,
  options: Partial<PromptCompressOptions>,
): Promise<(readonly TextRange[])[]> {
  const all: (readonly TextRange[])[] = [];
  for (const seed of [0, 1, 2, 3])
    for (const ratio of [0.45, 0.6, 0.75]) {
      const decoder = mockDecoder({ seed });
      const compress = promptCompress({
        draft: decoder,
        keep: { ratio },
        window: 8,
        minTokens: 0,
        ...options,
        onCompressed: ({ droppedOfMessages }) => all.push(droppedOfMessages),
      });
      await pipeline(decoder, { tokenizer: mockTokenizer() })
        .use(compress)
        .generate({ messages: [{ role: 'user', content }] }, { maxNewTokens: 1 });
    }
  return all;
}

/** Offsets of the characters of `part` that are not blanks, wherever it stands. */
function places(content: string, part: string): number[][] {
  const found: number[][] = [];
  for (let at = content.indexOf(part); at >= 0; at = content.indexOf(part, at + 1))
    found.push(Array.from(part, (_, i) => at + i).filter((offset) => content[offset]?.trim()));
  expect(found).not.toEqual([]);
  return found;
}

const isDropped = (dropped: readonly TextRange[], offset: number) =>
  dropped.some(({ from, to }) => offset >= from && offset < to);

function fates(content: string, part: string, dropped: readonly TextRange[]) {
  return places(content, part).map((offsets) => {
    const gone = offsets.filter((offset) => isDropped(dropped, offset)).length;
    return gone === 0 ? 'kept' : gone === offsets.length ? 'dropped' : 'torn';
  });
}

describe('units', () => {
  test.each(named('units.json'))('%s: %s', async (_, __, { text, units = [], separate }) => {
    const content = `${text}\n\n${question}`;
    let areApart = false;
    for (const dropped of await runs(content, { unit: 'sentence' })) {
      const all = units.flatMap((unit) => fates(content, unit, dropped));
      expect(all).not.toContain('torn');
      areApart ||= new Set(all).size > 1;
    }
    if (separate) expect(areApart).toBe(true);
  });
});

describe('numbers', () => {
  test.each(named('numbers.json'))('%s: %s', async (_, __, { text, whole = [], noNewNumbers }) => {
    const content = `${text}\n\n${question}`;
    const known = new Set(content.match(/\d+/g));
    for (const dropped of await runs(content, { unit: 'token', kernel: 5 })) {
      for (const part of whole) expect(fates(content, part, dropped)).not.toContain('torn');
      const left = content
        .split('')
        .filter((_, offset) => !isDropped(dropped, offset))
        .join('');
      if (noNewNumbers)
        for (const number of left.match(/\d+/g) ?? []) expect(known).toContain(number);
    }
  });
});

describe('fences', () => {
  test.each(named('fences.json'))(
    '%s: %s',
    async (_, __, { text, fences = [], free = [], fillerFirst }) => {
      const content = fillerFirst ? `${filler}\n\n${text}` : `${text}\n\n${filler}\n\n${question}`;
      const untouched = new Set(free);
      for (const dropped of await runs(content, { unit: 'token', kernel: 5, keepFences: true })) {
        for (const fence of fences)
          for (const fate of fates(content, fence, dropped)) expect(fate).toBe('kept');
        for (const part of untouched)
          if (fates(content, part, dropped).some((fate) => fate !== 'kept')) untouched.delete(part);
      }
      expect([...untouched]).toEqual([]);
    },
  );
});

const textOf = (name: string) =>
  readFileSync(new URL(`texts/${name}`, import.meta.url), 'utf8').trim();

async function shorten(content: string, options: Partial<PromptCompressOptions>) {
  const draft = mockDecoder();
  const stack = pipeline(draft, { tokenizer: mockTokenizer() }).use(
    promptCompress({ draft, keep: 300, window: 32, ...options }),
  );
  return stack.generate({ messages: [{ role: 'user', content }] }, { maxNewTokens: 1 });
}

describe('long units', () => {
  const cases = (['line', 'sentence'] as const).flatMap((unit) =>
    ['minified.json', 'transcript.txt'].map((name) => [unit, name] as const),
  );
  test.each(cases)('a %s longer than keep is taken in pieces: %s', async (unit, name) => {
    const content = `Data:\n${textOf(name)}\nWhich boat has id 7?`;
    const { metrics } = await shorten(content, { unit });
    expect(metrics.promptTokensKept).toBeGreaterThanOrEqual(240);
    expect(metrics.promptTokensKept).toBeLessThanOrEqual(300);
  });

  test('a warning says so', async () => {
    const { warnings } = await shorten(`${textOf('transcript.txt')}\nWhich?`, { unit: 'sentence' });
    expect(warnings).toMatchObject([{ type: 'degraded', feature: 'unit' }]);
    expect(warnings[0].details).toContain('1 sentence was cut');
  });

  test('text without a full stop is shortened', async () => {
    const { metrics } = await shorten(textOf('list-zh.txt'), { keep: 400, unit: 'sentence' });
    expect(metrics.promptTokensKept).toBeGreaterThan(320);
  });
});

describe('limits that depend on the prompt', () => {
  test.each([1, 4, 8, 16, 40])('a share works on %i sentences', async (count) => {
    const { warnings, metrics } = await shorten('Seven carts stood at the mill. '.repeat(count), {
      keep: { ratio: 0.3 },
      window: 64,
    });
    expect(metrics.promptTokensKept).toBeGreaterThan(0);
    const share = Math.floor(0.3 * metrics.promptTokens);
    const isRaised = metrics.promptTokensKept > share;
    expect(warnings.some(({ feature }) => feature === 'keep')).toBe(
      isRaised && metrics.promptTokens > 64,
    );
  });

  test('a document in the system message is shortened, with a warning that names the option', async () => {
    const draft = mockDecoder();
    const { warnings, metrics } = await pipeline(draft, { tokenizer: mockTokenizer() })
      .use(promptCompress({ draft, keep: 300, window: 32 }))
      .generate(
        {
          messages: [
            { role: 'system', content: textOf('rfc-like.txt') },
            { role: 'user', content: 'Which number is reserved?' },
          ],
        },
        { maxNewTokens: 1 },
      );
    expect(metrics.promptTokensKept).toBeGreaterThan(280);
    expect(warnings).toMatchObject([{ feature: 'keepRoles' }]);
  });

  test('unless it was asked for', async () => {
    const draft = mockDecoder();
    const run = pipeline(draft, { tokenizer: mockTokenizer() })
      .use(promptCompress({ draft, keep: 300, window: 32, keepRoles: ['system'] }))
      .generate(
        {
          messages: [
            { role: 'system', content: textOf('rfc-like.txt') },
            { role: 'user', content: 'Which number is reserved?' },
          ],
        },
        { maxNewTokens: 1 },
      );
    await expect(run).rejects.toThrow(/must stay.*keepRoles/s);
  });
});
