import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MissingCapabilityError,
  PliantError,
  SavedGenerationError,
  StateError,
} from '../contract/errors.js';
import type { Generation } from '../contract/generation.js';
import type { Middleware } from '../contract/middleware.js';
import type { Tokenizer } from '../contract/tokenizer.js';
import { pipeline } from '../pipeline.js';
import { mockDecoder, mockTokenizer } from '../testing/index.js';
import { readSafeTensors, writeSafeTensors } from './safetensors.js';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const messages = [{ role: 'user', content: 'How many boats came in, and when?' }];
const question = [{ role: 'user', content: 'And who saw them?' }];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pliant-saved-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

async function finish(generation: Generation): Promise<readonly number[]> {
  while (!generation.done) await generation.step();
  const { tokens } = generation;
  return [...tokens];
}

/** Drops every third row of each chunk's end, for caches whose rows are not contiguous. */
const dropping: Middleware<'dropping', 'kv.edit' | 'positions.renumber'> = {
  specificationVersion: 'v1',
  name: 'dropping',
  requires: ['kv.edit', 'positions.renumber'],
  create: () => ({
    editCache(view, _last, { phase, promptEnd }) {
      if (phase !== 'prefill-end') return undefined;
      const keep = (layer: number) =>
        Uint32Array.from(
          Array.from({ length: view.rows(layer) }, (_, row) => row).filter(
            (row) => row % 3 !== 1 && view.positions(layer, 0)[row] < promptEnd - 1,
          ),
        );
      return { keep, refeed: 1, renumber: true };
    },
  }),
};

describe('a saved generation', () => {
  const stack = pipeline(mockDecoder(), { tokenizer }).use(dropping);

  it.each([0, 1, 5])('goes on after %i tokens as the one that was saved', async (steps) => {
    const path = at(`after-${steps}`);
    const original = await stack.start({ messages }, { maxNewTokens: 12 });
    for (let step = 0; step < steps; step++) await original.step();
    await original.save(path);
    const expected = await finish(original);
    // Another decoder with the same weights, as in another process.
    const elsewhere = pipeline(mockDecoder(), { tokenizer }).use(dropping);
    const loaded = await elsewhere.load(path);
    expect(loaded.tokens).toEqual(expected.slice(0, steps));
    expect(await finish(loaded)).toEqual(expected);
    expect(loaded.text).toBe(original.text);
    await original.append(question);
    await loaded.append(question);
    expect(await finish(loaded)).toEqual(await finish(original));
    await original.close();
    await loaded.close();
  });

  it('is not read again', async () => {
    const decoder = mockDecoder();
    const saving = pipeline(decoder, { tokenizer });
    const original = await saving.start({ messages });
    await original.save(at('whole'));
    const before = decoder.forwards;
    const loaded = await saving.load(at('whole'), { maxNewTokens: 3 });
    expect(decoder.forwards).toBe(before);
    await finish(loaded);
    expect(decoder.forwards).toBe(before + 2);
    const { metrics } = loaded.result();
    expect(metrics).toMatchObject({ prefillMs: 0, decodeTokens: 3 });
    await original.close();
    await loaded.close();
    expect(decoder.openSequences).toBe(0);
  });

  it('tells middlewares of the tokens it has', async () => {
    const committed: number[][] = [];
    const noting: Middleware = {
      specificationVersion: 'v1',
      name: 'noting',
      requires: [],
      create: () => ({ commit: (tokens) => void committed.push([...tokens]) }),
    };
    const original = await stack.start({ messages });
    for (let step = 0; step < 4; step++) await original.step();
    await original.save(at('noted'));
    const loaded = await stack.use(noting).load(at('noted'));
    expect(committed).toEqual([[...original.tokens]]);
    await original.close();
    await loaded.close();
  });

  it('that had ended goes on where it gets more room, or not at all', async () => {
    const original = await stack.start({ messages }, { maxNewTokens: 2 });
    await finish(original);
    await original.save(at('ended'));
    const same = await stack.load(at('ended'));
    expect(same.done).toBe(true);
    const longer = await stack.load(at('ended'), { maxNewTokens: 5 });
    expect(await finish(longer)).toHaveLength(5);
    const shorter = await stack.load(at('ended'), { maxNewTokens: 1 });
    expect(shorter.done).toBe(true);
    for (const generation of [original, same, longer, shorter]) await generation.close();
  });

  it('keeps what a prefix read', async () => {
    const prefix = await stack.read({ messages });
    await prefix.save(at('prefix'));
    const loaded = await stack.load(at('prefix'));
    await expect(loaded.step()).rejects.toThrow(StateError);
    await loaded.append(question, { maxNewTokens: 6 });
    await prefix.append(question, { maxNewTokens: 6 });
    expect(await finish(loaded)).toEqual(await finish(prefix));
    await prefix.close();
    await loaded.close();
  });

  it('under way that meets a smaller limit goes no further', async () => {
    const original = await stack.start({ messages }, { maxNewTokens: 12 });
    for (let step = 0; step < 4; step++) await original.step();
    await original.save(at('limited'));
    const loaded = await stack.load(at('limited'), { maxNewTokens: 3 });
    expect(loaded.done).toBe(true);
    expect(loaded.result()).toMatchObject({ finishReason: 'length' });
    await original.close();
    await loaded.close();
  });

  it('can be written to one path by several at once', async () => {
    const [one, other] = [await stack.start({ messages }), await stack.start({ messages })];
    await other.step();
    await Promise.all([one.save(at('shared')), other.save(at('shared'))]);
    const loaded = await stack.load(at('shared'));
    expect([0, 1]).toContain(loaded.tokens.length);
    for (const generation of [one, other, loaded]) await generation.close();
  });

  it('leaves no half-written file, and the generation as it was', async () => {
    const original = await stack.start({ messages });
    const save = original.save(join(folder, 'nowhere', 'file'));
    await expect(save).rejects.toThrow(/cannot be written: ENOENT/);
    await expect(save).rejects.toThrow(SavedGenerationError);
    await original.step();
    expect(original.tokens).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await original.close();
    await expect(original.save(at('closed'))).rejects.toThrow(StateError);
  });
});

it('tokens that the model has and the tokenizer has not are saved, loaded and read on', async () => {
  const size = tokenizer.vocabularySize - 150;
  const few: Tokenizer = {
    ...tokenizer,
    vocabularySize: size,
    endOfText: new Set(),
    special: new Set(),
    bytes: (id) => {
      if (id >= size) throw new RangeError(`no token ${id}`);
      return tokenizer.bytes(id);
    },
    encode: (text) => tokenizer.encode(text).filter((id) => id < size),
  };
  const { vocabularyFingerprint: _, ...decoder } = mockDecoder();
  const stack = pipeline(decoder, { tokenizer: few });
  let padded = 0;
  for (let seed = 0; seed < 10; seed++) {
    const options = { maxNewTokens: 6, temperature: 1, seed };
    const original = await stack.start({ messages }, options);
    for (let step = 0; step < 4; step++) await original.step();
    await original.save(at('padded'));
    const loaded = await stack.load(at('padded'));
    expect(loaded.tokens).toEqual(original.tokens);
    expect(loaded.text).toBe(original.text);
    padded += loaded.tokens.filter((id) => id >= size).length;
    // What is not read yet of the answer becomes a part of the next prompt, which is saved too.
    await loaded.append([{ role: 'user', content: 'x' }]);
    await loaded.step();
    await loaded.save(at('padded'));
    await (await stack.load(at('padded'))).close();
    await loaded.close();
    await original.close();
  }
  expect(padded).toBeGreaterThan(5);
});

describe('load refuses', () => {
  const decoder = mockDecoder();
  const stack = pipeline(decoder, { tokenizer });
  let saved: Buffer;
  beforeAll(async () => {
    const original = await stack.start({ messages });
    await original.step();
    await original.step();
    await original.save(at('good'));
    await original.close();
    saved = readFileSync(at('good'));
  });

  /** Writes what was saved with other texts or tensors, and a checksum that fits. */
  async function rewritten(
    change: (content: Awaited<ReturnType<typeof readSafeTensors>>) => {
      readonly metadata?: { readonly [name: string]: string };
      readonly without?: string;
    },
  ): Promise<string> {
    const content = await readSafeTensors(at('good'));
    const { metadata = content.metadata, without } = change(content);
    const { sha256: _, ...texts } = metadata;
    const tensors = new Map([...content.tensors].filter(([name]) => name !== without));
    await writeSafeTensors(at('changed'), { metadata: texts, tensors });
    return at('changed');
  }

  const state = (metadata: { readonly [name: string]: string }, change: object) => ({
    metadata: {
      ...metadata,
      state: JSON.stringify({ ...JSON.parse(metadata.state), ...change }),
    },
  });

  it('another model', async () => {
    for (const other of [mockDecoder({ seed: 9 }), mockDecoder({ layers: 2 })])
      await expect(pipeline(other, { tokenizer }).load(at('good'))).rejects.toThrow(
        'other weights',
      );
  });

  it('another version, another format, and no saved generation', async () => {
    const version = await rewritten(({ metadata }) => ({
      metadata: { ...metadata, version: '2' },
    }));
    await expect(stack.load(version)).rejects.toThrow("version '2'");
    const format = await rewritten(() => ({ metadata: { format: 'pt' } }));
    await expect(stack.load(format)).rejects.toThrow('is not a saved generation');
    for (const [path, says] of [
      [at('missing'), /missing: cannot be read: ENOENT/],
      [folder, /is not a plain file/],
      [join(at('good'), 'below'), /below: cannot be read: ENOTDIR/],
    ] as const) {
      await expect(stack.load(path)).rejects.toThrow(SavedGenerationError);
      await expect(stack.load(path)).rejects.toThrow(says);
    }
  });

  it.each([
    ['a state that is none', { tokens: 'many' }],
    ['tokens outside of the vocabulary', { tokens: [1e6, 1] }],
    ['log-weights of other tokens', { logWeights: [] }],
    ['a cache of another length', { nextPosition: 3 }],
    ['a prompt that begins elsewhere', { position: 3 }],
    ['a number of options nobody knows', { options: { temprature: 1 } }],
  ])('%s', async (_, change) => {
    const path = await rewritten(({ metadata }) => state(metadata, change));
    await expect(stack.load(path)).rejects.toSatisfy(PliantError.isInstance.bind(PliantError));
    expect(decoder.openSequences).toBe(0);
  });

  it('a layer that is missing', async () => {
    const path = await rewritten(() => ({ without: 'layers.1.keys' }));
    await expect(stack.load(path)).rejects.toThrow("'layers.1.keys'");
  });

  it('a file with any byte changed, or cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(saved.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (index, flip, cut) => {
          const bytes = cut ? saved.subarray(0, index) : Buffer.from(saved);
          if (!cut) bytes[index] ^= flip;
          writeFileSync(at('damaged'), bytes);
          await expect(stack.load(at('damaged'))).rejects.toSatisfy(
            SavedGenerationError.isInstance.bind(SavedGenerationError),
          );
        },
      ),
      { numRuns: 150 },
    );
    expect(decoder.openSequences).toBe(0);
  });

  it('a header that is said to end before its padding', async () => {
    const shorter = async (note: string) => {
      const path = await rewritten(({ metadata }) => ({ metadata: { ...metadata, note } }));
      const bytes = readFileSync(path);
      const length = bytes.readUInt32LE();
      const padding = /\}( *)$/.exec(bytes.toString('utf8', 8, 8 + length))![1].length;
      bytes.writeUInt32LE(length - padding);
      writeFileSync(at('damaged'), bytes);
      return padding;
    };
    expect((await shorter('')) || (await shorter('a'))).toBeGreaterThan(0);
    await expect(stack.load(at('damaged'))).rejects.toThrow(SavedGenerationError);
  });

  it('a decoder that cannot write a cache, or read it', async () => {
    const plain = pipeline(mockDecoder({ capabilities: [] }), { tokenizer });
    await expect(plain.load(at('good'))).rejects.toThrow(MissingCapabilityError);
    const generation = await plain.start({ messages });
    await expect(generation.save(at('never'))).rejects.toThrow(MissingCapabilityError);
    await generation.close();
  });
});
