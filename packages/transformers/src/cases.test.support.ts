import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type OpenTokenizerOptions,
  openTokenizer,
  type TransformersTokenizer,
} from './open-tokenizer.js';

export const libraries = ['@xenova/transformers', '@huggingface/transformers'];

export function readCases<Case>(name: string): Case[] {
  return readFileSync(new URL(`./cases/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);
}

/** A byte-level tokenizer of 262 ids in the format of tokenizer.json. */
export const baseTokenizer = JSON.parse(
  readFileSync(new URL('./cases/base-tokenizer.json', import.meta.url), 'utf8'),
);

/** The tokenizer of a folder with these files: texts, or values that are written as JSON. */
export async function openFiles(
  files: Readonly<Record<string, unknown>>,
  options?: OpenTokenizerOptions,
): Promise<TransformersTokenizer> {
  const folder = await mkdtemp(join(tmpdir(), 'pliant-case-'));
  try {
    for (const [name, value] of Object.entries(files)) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
    }
    return await openTokenizer(folder, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}
