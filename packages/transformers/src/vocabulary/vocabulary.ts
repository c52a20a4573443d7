import { show } from '@pliant/core';
import { ModelFilesError } from '../base/errors.js';
import { isObject, type JsonObject } from '../library/model-files.js';

/** Ids are refused from here on; the largest published vocabularies have 262,144. */
const idLimit = 2 ** 22;

export interface AddedToken extends JsonObject {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
  readonly normalized?: boolean;
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
  readonly single_word?: boolean;
}

/** Tokens of a tokenizer.json by id. */
export interface Vocabulary {
  /**
   * Token strings as the file has them, `undefined` where no token has the id. Added tokens replace
   * the model's own.
   */
  readonly tokens: readonly (string | undefined)[];
  /** Longest first, so that the first that matches is the longest. */
  readonly added: readonly AddedToken[];
}

/**
 * @param path of the file, for errors
 * @throws ModelFilesError for a vocabulary or added tokens that are missing or malformed, and for
 * absurd ids
 */
export function readVocabulary(tokenizerJson: JsonObject, path: string): Vocabulary {
  const tokens: (string | undefined)[] = [];
  const set = (token: unknown, id: unknown) => {
    if (typeof token !== 'string' || !Number.isInteger(id) || (id as number) < 0)
      throw new ModelFilesError(
        path,
        `has a token that is not a text with an id: ${show(token)}: ${show(id)}`,
      );
    if ((id as number) >= idLimit)
      throw new ModelFilesError(path, `has the id ${id}, more than the ${idLimit} accepted`);
    tokens[id as number] = token;
  };
  const vocabulary = isObject(tokenizerJson.model) ? tokenizerJson.model.vocab : undefined;
  if (Array.isArray(vocabulary))
    vocabulary.forEach((entry, id) => {
      set(Array.isArray(entry) ? entry[0] : entry, id);
    });
  else if (isObject(vocabulary))
    for (const token of Object.keys(vocabulary)) set(token, vocabulary[token]);
  else
    throw new ModelFilesError(
      path,
      'has no model.vocab; is it a tokenizer.json of a fast tokenizer?',
    );
  const added = readAddedTokens(tokenizerJson.added_tokens ?? [], path);
  for (const { id, content } of added) set(content, id);
  if (tokens.length === 0) throw new ModelFilesError(path, 'has an empty vocabulary');
  return { tokens: Array.from(tokens), added };
}

function readAddedTokens(value: unknown, path: string): AddedToken[] {
  if (!Array.isArray(value))
    throw new ModelFilesError(path, 'has added_tokens that are not a list');
  for (const token of value)
    if (!isObject(token) || typeof token.content !== 'string' || token.content === '')
      throw new ModelFilesError(path, `has an added token without content: ${show(token)}`);
  return (value as AddedToken[]).toSorted((a, b) => b.content.length - a.content.length);
}
