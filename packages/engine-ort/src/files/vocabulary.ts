import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { belongsToFolder, fingerprintVocabulary } from '@pliant/core/engine';

interface TokenizerJson {
  readonly model?: {
    /** token -> id, or [token, score] in id order (Unigram). */
    readonly vocab?: { readonly [token: string]: number } | readonly (readonly [string, number])[];
  };
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[];
}

const largestId = 4_000_000;

/** Token texts of a parsed tokenizer.json, in id order; undefined if it has no vocabulary. */
export function tokensOf(json: unknown): (string | undefined)[] | undefined {
  const { model, added_tokens: added = [] } = (json ?? {}) as TokenizerJson;
  if (!model?.vocab) return undefined;
  const tokens: (string | undefined)[] = Array.isArray(model.vocab)
    ? model.vocab.map(([token]) => token)
    : [];
  const set = (id: number, token: string) => {
    if (Number.isInteger(id) && id >= 0 && id < largestId) tokens[id] = token;
  };
  if (!Array.isArray(model.vocab))
    for (const [token, id] of Object.entries(model.vocab as { [token: string]: number }))
      set(id, token);
  for (const { id, content } of added) set(id, content);
  return Array.from(tokens);
}

/**
 * Fingerprint of the tokenizer.json in a folder; undefined if there is none or it cannot be read.
 */
export function readFingerprint(folder: string): string | undefined {
  try {
    const file = realpathSync(path.join(folder, 'tokenizer.json'));
    if (!belongsToFolder(folder, file)) return undefined;
    const tokens = tokensOf(JSON.parse(readFileSync(file, 'utf8')));
    return tokens && fingerprintVocabulary(tokens);
  } catch {
    return undefined;
  }
}
