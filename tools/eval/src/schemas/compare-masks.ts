import { jsonSchema, type TokenTrie, tokenMask } from '@pliant/constrain';
import { PliantError, type Tokenizer } from '@pliant/core';
import { type MaskOracle, type SchemaCase, schemaOf } from './case-set.js';
import { compactJson } from './compact-json.js';

/** A place at which another engine allows another number of tokens. */
export interface MaskDifference {
  readonly id: string;
  readonly instance: number;
  readonly position: number;
  /** The end of the text before the position. */
  readonly before: string;
  readonly place: Place;
  readonly cause: Cause;
  readonly allowed: number;
  readonly theirs: number;
}

export type Place =
  | 'before the value'
  | 'name'
  | 'string'
  | 'number'
  | 'between'
  | 'after the value';

/**
 * `'forced text'`: what follows is one text, which is allowed in any tokens here and in the
 * tokenizer's own tokens there.
 */
export type Cause = 'forced text' | 'may end' | 'may not end' | 'more' | 'fewer';

export interface MaskComparison {
  readonly positions: number;
  readonly differences: readonly MaskDifference[];
  /** Schemas of the oracle that were refused here. */
  readonly refused: readonly string[];
}

/**
 * Compares the number of allowed tokens along texts without blanks, spelled and ordered as
 * llguidance does.
 */
export function compareMasks(
  oracle: MaskOracle,
  cases: readonly SchemaCase[],
  tokenizer: Tokenizer,
  trie: TokenTrie,
): MaskComparison {
  const byId = new Map(cases.map((schemaCase) => [schemaCase.id, schemaCase]));
  const differences: MaskDifference[] = [];
  const refused: string[] = [];
  let positions = 0;
  for (const { schema_id: id, instance_index: instance, variants } of oracle.rows) {
    const schemaCase = byId.get(id);
    const variant = variants.find(({ whitespace_flexible }) => !whitespace_flexible);
    if (!schemaCase || !variant) continue;
    let constraint: ReturnType<typeof jsonSchema>;
    try {
      constraint = jsonSchema(schemaOf(schemaCase), compactJson);
    } catch (error) {
      if (!PliantError.isInstance(error)) throw error;
      refused.push(id);
      continue;
    }
    let state = constraint.start();
    for (let position = 0; position <= variant.tokens.length; position++) {
      positions++;
      const ids = state === undefined ? [] : idsOf(tokenMask(constraint, state, trie));
      const allowed = ids.length;
      const theirs = variant.allowed_count[position];
      const end = state !== undefined && constraint.canEnd(state);
      const text = tokenizer.decode(variant.tokens.slice(0, position));
      if (allowed !== theirs || end !== variant.eos_allowed[position])
        differences.push({
          id,
          instance,
          position,
          before: text.slice(-60),
          place: placeAfter(text),
          cause: causeOf(
            ids.map((id) => tokenizer.decode([id])),
            theirs,
            end,
          ),
          allowed,
          theirs,
        });
      const token = variant.tokens[position];
      if (state === undefined || token === undefined) break;
      state = constraint.advance(state, tokenizer.bytes(token));
    }
  }
  return { positions, differences, refused };
}

function idsOf(mask: Uint32Array): number[] {
  const ids: number[] = [];
  for (const [word, bits] of mask.entries())
    for (let bit = 0; bit < 32; bit++) if ((bits >>> bit) & 1) ids.push(word * 32 + bit);
  return ids;
}

function causeOf(texts: readonly string[], theirs: number, end: boolean): Cause {
  const longest = texts.reduce((a, b) => (b.length > a.length ? b : a), '');
  if (theirs === 1 && texts.length > 1 && texts.every((text) => longest.startsWith(text)))
    return 'forced text';
  if (texts.length === theirs) return end ? 'may end' : 'may not end';
  return texts.length > theirs ? 'more' : 'fewer';
}

/** The part of a JSON text in which its beginning ends. */
export function placeAfter(text: string): Place {
  if (text === '') return 'before the value';
  const open: string[] = [];
  let isString = false;
  let awaitsName = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isString) {
      if (character === '\\') i++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === '{' || character === '[') {
      open.push(character);
      awaitsName = character === '{';
    } else if (character === '}' || character === ']') open.pop();
    else if (character === ':') awaitsName = false;
    else if (character === ',') awaitsName = open.at(-1) === '{';
  }
  if (isString) return awaitsName ? 'name' : 'string';
  if (/[\d.+-][eE]?$/.test(text)) return 'number';
  return open.length === 0 ? 'after the value' : 'between';
}
