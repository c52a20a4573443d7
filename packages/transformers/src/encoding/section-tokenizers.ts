import { buildTokenizer } from '../library/build-tokenizer.js';
import type { Library, LibraryTokenizer } from '../library/library.js';
import { isObject, type JsonObject } from '../library/model-files.js';
import type { AddedToken } from '../vocabulary/vocabulary.js';
import { withoutPrefixSpace, withPrefixSpace } from './prefix-space.js';
import { splitMetaspace } from './split-metaspace.js';
import type { SectionTokenizers } from './text-encoder.js';

/**
 * The library's tokenizers of a tokenizer.json without its added tokens, which are recognised
 * before.
 * @param added those that the library looks for all the same, since they stand in normalised text
 * @param special ids that the model itself must never give: they are what control tokens stand for
 * @throws UnsupportedTokenizerError when the library cannot build one
 */
export function sectionTokenizers(
  library: Library,
  tokenizerJson: JsonObject,
  tokenizerConfig: JsonObject,
  {
    path,
    added,
    special,
  }: {
    readonly path: string;
    readonly added: readonly AddedToken[];
    readonly special: ReadonlySet<number>;
  },
): SectionTokenizers {
  const model = withoutControlTokens(tokenizerJson.model, special);
  const { json, prefix } = withoutPrefixSpace({ ...tokenizerJson, model });
  const build = (from: JsonObject) => {
    const pre_tokenizer = splitMetaspace(from.pre_tokenizer);
    return buildTokenizer(
      library,
      { ...from, pre_tokenizer, added_tokens: added },
      tokenizerConfig,
      path,
    );
  };
  const plain = build(json);
  let prefixed: LibraryTokenizer | undefined;
  return {
    plain,
    prefix,
    hasPatterns: hasPattern([json.normalizer, json.pre_tokenizer]),
    prefixed: () => {
      prefixed ??= prefix ? build(withPrefixSpace({ ...tokenizerJson, model })) : plain;
      return prefixed;
    },
  };
}

/** Whether there is a regular expression anywhere, however deep. */
function hasPattern(parts: readonly unknown[]): boolean {
  const left = [...parts];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part !== 'object' || part === null) continue;
    if ('Regex' in part) return true;
    for (const inner of Object.values(part)) left.push(inner);
  }
  return false;
}

/**
 * A Unigram model, and a BPE model that looks up whole words (`ignore_merges`), give any token of
 * the vocabulary that a text spells, also those of control tokens, which only the added tokens may
 * stand for. They get names that no well-formed text spells.
 */
function withoutControlTokens(model: unknown, special: ReadonlySet<number>): unknown {
  if (!isObject(model)) return model;
  const { vocab } = model;
  const hidden = (id: number) => `\uDC00${id}\uD800`;
  if (Array.isArray(vocab)) {
    const pieces = vocab.map((entry, id) =>
      special.has(id) && Array.isArray(entry) ? [hidden(id), ...entry.slice(1)] : entry,
    );
    return { ...model, vocab: pieces };
  }
  if (model.ignore_merges !== true || !isObject(vocab)) return model;
  const spelled = Object.keys(vocab).filter(
    (token) => special.has(vocab[token] as number) && token !== model.unk_token,
  );
  if (spelled.length === 0) return model;
  const rest = { ...vocab };
  for (const token of spelled) {
    delete rest[token];
    rest[hidden(vocab[token] as number)] = vocab[token];
  }
  return { ...model, vocab: rest };
}
