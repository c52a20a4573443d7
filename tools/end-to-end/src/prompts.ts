import type { Prompt } from '@pliant/core';
import { readJson, readText } from '@pliant/fixtures';

/** Results of the fp32 reference for the embedded model on one prompt; see the goldens' README. */
export interface Golden {
  readonly ids: readonly number[];
  readonly firstStepTop10: {
    readonly ids: readonly number[];
    readonly logProbs: readonly number[];
  };
  readonly attainable: { readonly onnx8bit: { readonly greedyTokens: readonly number[] } };
  readonly policies?: {
    /** [layer][kvHead], 128 ascending positions of 0 to n - 2. */
    readonly snapKv: { readonly kept: Readonly<Record<string, readonly (readonly number[])[]>> };
    readonly specKv: { readonly kept: Readonly<Record<string, readonly (readonly number[])[]>> };
    /** 256 ascending prompt tokens. */
    readonly specPc: { readonly kept: readonly number[] };
  };
}

export const goldenNames = ['chat-1', 'chat-2', 'code', 'needle-600'] as const;

export function readGolden(name: (typeof goldenNames)[number]): Golden {
  return readJson<Golden>(`goldens/${name}.json`);
}

export const alice = readText('texts/alice29.txt');

/** A chapter's opening and a question about it, of about `characters / 4` tokens. */
export function longChat(characters: number): Prompt {
  const start = alice.indexOf('Alice was beginning to get very tired');
  const content = `${alice.slice(start, start + characters)}\n\nWhat did the White Rabbit take out of its waistcoat-pocket?`;
  return { messages: [{ role: 'user', content }] };
}

/** Three of our own beside the goldens': a chat, a text, a text of several chunks of 64 tokens. */
export const ownPrompts: readonly (readonly [name: string, prompt: Prompt])[] = [
  [
    'a chat',
    {
      messages: [
        { role: 'system', content: 'You are a helpful assistant. Answer in one sentence.' },
        { role: 'user', content: 'Name the planets of the solar system, from the sun outwards.' },
      ],
    },
  ],
  ['a text', { text: 'def fibonacci(n):\n    """Return the n-th Fibonacci number."""\n    if n' }],
  ['a long text', { text: alice.slice(20_000, 20_600) }],
];
