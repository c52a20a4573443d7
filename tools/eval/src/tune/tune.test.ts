import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Journal } from '@pliant/calibrate/journal';
import { type Decoder, randomStream, type Sequence } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import type { RetrievalHead } from '@pliant/prompt-compress';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RealDocument } from '../real/questions/documents.js';
import { HeadReader } from './head-reader.js';
import { fewestThatPay } from './min-tokens.js';
import { readAll } from './read-all.js';
import { tuneHeads } from './tune-heads.js';

const layers = 4;
const tokenizer = mockTokenizer();

/**
 * With a question each, on one of thirty sentences. Nothing in the text tells the evidence from the
 * rest.
 */
const documents = Array.from({ length: 10 }, (_, i): RealDocument => {
  const random = randomStream(i, 'tune');
  const numbers = Array.from({ length: 30 }, () => 100_000 + Math.floor(900_000 * random()));
  const answer = numbers[Math.floor(30 * random())];
  return {
    id: `document-${i}`,
    kind: 'test',
    language: 'en',
    source: 'made here',
    half: 'tune',
    text: numbers.map((number) => `Line ${number} is quiet.`).join(' '),
    questions: [
      {
        id: `question-${i}`,
        form: 'after',
        question: 'What line is it?',
        answers: [String(answer)],
        evidence: [`Line ${answer} is quiet`],
      },
    ],
  };
});

/**
 * A decoder with a head that looks at the evidence, wherever a forward asks for its scores; all
 * else is as it was.
 */
function plant(decoder: Decoder, planted: RetrievalHead): Decoder {
  const evidence = documents.map(({ questions }) => tokenizer.encode(questions[0].evidence[0]));
  const isEvidence = (ids: readonly number[], at: number) =>
    evidence.some((tokens) => tokens.every((token, i) => ids[at + i] === token));
  return Object.assign(Object.create(decoder) as Decoder, {
    async open(options: Parameters<Decoder['open']>[0]) {
      const sequence = await decoder.open(options);
      let ids: number[] = [];
      const forward: Sequence['forward'] = async (input) => {
        const output = await sequence.forward(input);
        ids = [...ids.slice(0, sequence.cache.nextPosition - input.ids.length), ...input.ids];
        for (const scores of Object.values(output.scores ?? {})) {
          const own = scores.get(planted.layer)!;
          const from = (planted.head * own.length) / decoder.shape.heads;
          for (const at of ids.keys()) if (isEvidence(ids, at)) own[from + at] = 1;
        }
        return output;
      };
      return Object.assign(Object.create(sequence) as Sequence, {
        forward,
        edit: sequence.edit.bind(sequence),
        close: sequence.close.bind(sequence),
      });
    },
  });
}

async function tune(decoder: Decoder) {
  const reader = new HeadReader(decoder, tokenizer);
  const readings = await readAll(reader, documents, undefined, () => {});
  reader.close();
  return tuneHeads(readings, decoder.shape, layers);
}

describe('tune', () => {
  it.each([
    { layer: 0, head: 3 },
    { layer: 2, head: 1 },
  ])('finds the one head that looks at the answer: %o', async (head) => {
    const decoder = mockDecoder({ layers });
    const { draft, heads, byDepth } = await tune(plant(decoder, head));
    expect({ draft, heads }).toEqual({ draft: head.layer + 1, heads: [head] });
    expect(byDepth[layers - 1].heldOut.share150.mean).toBe(1);
    expect(decoder.openSequences).toBe(0);
  });

  it('names no heads where none looks at the answer', async () => {
    const { heads } = await tune(mockDecoder({ layers }));
    expect(heads).toBeUndefined();
  });

  it('takes from the journal what was read before, to the bit', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'pliant-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'state.jsonl');
    const setting = { format: 'test', version: 1, fingerprint: 'f' };
    const some = documents.slice(0, 2);
    const reader = new HeadReader(mockDecoder({ layers }), tokenizer);
    const read = await readAll(reader, some, Journal.open(file, setting), () => {});
    reader.close();
    const broken = new HeadReader(mockDecoder({ layers, failAt: 1 }), tokenizer);
    expect(await readAll(broken, some, Journal.open(file, setting), () => {})).toEqual(read);
    const changed = some.map((document) => ({ ...document, text: `${document.text} So it is.` }));
    await expect(readAll(broken, changed, Journal.open(file, setting), () => {})).rejects.toThrow(
      'forward 1',
    );
  });

  it('leaves prompts alone up to the last length at which compressing was not worthwhile', () => {
    const times = [
      { length: 48, whole: 10, compressed: 12 },
      { length: 64, whole: 20, compressed: 12 },
      { length: 96, whole: 20, compressed: 19 },
      { length: 128, whole: 30, compressed: 20 },
    ];
    expect(fewestThatPay(times)).toBe(128);
    expect(fewestThatPay(times.slice(1, 2))).toBe(64);
    expect(fewestThatPay(times.slice(0, 3))).toBeUndefined();
  });
});
