import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Xgrammar from '@mlc-ai/web-xgrammar';
import type { Tokenizer } from '@pliant/core';

/**
 * The package as published does not load in Node: CommonJS in a file that its package.json calls a
 * module.
 */
export function loadWebXgrammar(): typeof Xgrammar {
  const require = createRequire(import.meta.url);
  const folder = mkdtempSync(join(tmpdir(), 'web-xgrammar-'));
  try {
    const copy = join(folder, 'index.cjs');
    copyFileSync(require.resolve('@mlc-ai/web-xgrammar'), copy);
    return require(copy);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The tokens as byte-level vocabularies write them: each byte a printable character. */
export function byteLevelVocabulary(tokenizer: Tokenizer): string[] {
  return Array.from({ length: tokenizer.vocabularySize }, (_, id) =>
    Array.from(tokenizer.bytes(id), (byte) => byteCharacters[byte]).join(''),
  );
}

/** As GPT-2: bytes that Latin-1 prints are themselves, the others follow from U+0100 on. */
const byteCharacters = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrinted = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte < 0xad) || byte > 0xad;
    return String.fromCharCode(isPrinted ? byte : next++);
  });
})();
