import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markedWords } from '../containers/marked-words.js';
import { Formulas, never } from '../formula/formula.js';
import { toBytes } from '../formula/word-list.js';
import { StringRules } from '../strings/string-rules.js';
import { MarkedTrie } from './marked-trie.js';

const formulas = new Formulas();
const strings = new StringRules(formulas);
const text = fc.string({ unit: 'grapheme', maxLength: 4 });

describe('MarkedTrie', () => {
  it('grows by words without changing, and counts them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.boolean()), { maxLength: 30 }),
        text,
        (added, other) => {
          const known = new Map<string, boolean>();
          let trie = MarkedTrie.of([]);
          for (const [word, isRight] of added) {
            const before = trie;
            const sizes = [before.size, before.rightSize];
            trie = before.with(toBytes(word), isRight);
            expect([before.size, before.rightSize]).toEqual(sizes);
            known.set(word, isRight);
          }
          expect(trie.size).toBe(known.size);
          expect(trie.rightSize).toBe([...known.values()].filter(Boolean).length);
          for (const word of [...known.keys(), other]) {
            const bytes = toBytes(word);
            const right = known.get(word);
            expect(trie.find(bytes)).toBe(right);
            const counts = {
              words: right ?? false,
              others: right === undefined,
              both: right ?? true,
            };
            for (const counting of ['words', 'others', 'both'] as const) {
              const start = markedWords(formulas, trie, counting);
              const end = strings.end(strings.stepAll(start, bytes), bytes);
              expect(end !== never, counting).toBe(counts[counting]);
            }
          }
        },
      ),
    );
  });
});
