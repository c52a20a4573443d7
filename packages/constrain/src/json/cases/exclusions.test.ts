import type { Tokenizer } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts } from '../../contract/accepts.js';
import type { Constraint } from '../../contract/constraint.js';
import { isInMask, tokenMask } from '../../contract/token-mask.js';
import { tokenTrie } from '../../contract/token-trie.js';
import { OpenSchemas } from './open-schemas.test.support.js';
import { type FiniteCase, RandomSchemas } from './random-schemas.test.support.js';

/** Texts that are judged. A million were, once, by this variable. */
const count = Number(process.env.PLIANT_EXCLUSION_TEXTS ?? 20_000);
const counts = { finite: count * 0.9, open: count * 0.1 };
const compact = { whitespace: 'none', spelling: 'canonical' } as const;
const utf8 = new TextEncoder();
const ajv = new Ajv2020.default({ strict: false, logger: false });
addFormats.default(ajv);

/** Verdicts of ajv, which forgets the schema. */
function judgeOf(schema: object): (text: string) => boolean {
  const isValid = ajv.compile(schema);
  ajv.removeSchema(schema);
  return (text) => isValid(JSON.parse(text));
}

/** UTF-8 as a string of one unit a byte. */
function bytesOf(text: string): string {
  return Buffer.from(utf8.encode(text)).toString('latin1');
}

function after(constraint: Constraint<unknown, unknown>, from: unknown, bytes: string) {
  return constraint.advance(from, Buffer.from(bytes, 'latin1'));
}

/** Tokens that end inside of names, items and characters, and those that go on behind them. */
const tokens = [
  ...[
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '"',
    '["',
    '{"',
    '",',
    '","',
    '":',
    '":1',
    '":1,"',
    '":2}',
    '"]',
  ],
  ...['a', 'b', 'c', 'ab', '"a', 'a"', 'a":1', 'b"]', '0', '01', '1"', '1', '2', '-_', '_A', '~'],
  ...['😀', 'é', 'é"', '\\', '\\n', '\\"', 'true', 'true]', 'null,', '8', '9,', '10', '1,', '1]'],
  ...['[]', '[true', '{}', '{"x":', '{"x":1}', '"x":1}]', '"y":true}'],
]
  .map(bytesOf)
  .concat('\xc3', '\xa9"', '\xa8', '\xf0\x9f\x98', '\x80"', '\x81');
const tokenizer: Tokenizer = {
  ...mockTokenizer(),
  vocabularySize: tokens.length,
  special: new Set(),
  endOfText: new Set(),
  bytes: (id) => Buffer.from(tokens[id], 'latin1'),
};
const trie = tokenTrie(tokenizer);

/** Tokens of which the mask says otherwise than a check. */
function wrongTokens(constraint: Constraint<unknown, unknown>, state: unknown): string[] {
  const mask = tokenMask(constraint, state, trie);
  return tokens.filter(
    (bytes, id) => isInMask(mask, id) !== (after(constraint, state, bytes) !== undefined),
  );
}

/** What a constraint says otherwise than a list of all valid texts does. */
class Mistakes {
  readonly found: string[] = [];
  /** Every beginning of a valid text. */
  readonly #beginnings = new Set<string>();
  readonly #valid: ReadonlySet<string>;
  readonly #next: readonly string[];
  readonly constraint: Constraint<unknown, unknown>;

  constructor(
    readonly finite: FiniteCase,
    valid: readonly string[],
  ) {
    this.constraint = jsonSchema(finite.schema, compact);
    this.#valid = new Set(valid.map(bytesOf));
    for (const text of this.#valid)
      for (let end = 0; end <= text.length; end++) this.#beginnings.add(text.slice(0, end));
    const seen = finite.texts.slice(-100).map(bytesOf).join('');
    this.#next = [...new Set(`z"\\}]{[,:0189tn-.e${seen}`)];
  }

  note(what: string): void {
    this.found.push(`${what} under ${JSON.stringify(this.finite.schema)}`);
  }

  judge(text: string): void {
    const isValid = this.#valid.has(bytesOf(text));
    if (accepts(this.constraint, text) !== isValid)
      this.note(`${text} is ${isValid ? 'valid' : 'invalid'}`);
  }

  /**
   * Along a valid text: the bytes that may come next, the end, what is forced. @returns the states
   */
  walk(text: string): unknown[] {
    const { constraint } = this;
    const bytes = bytesOf(text);
    const states = [constraint.start()];
    for (let at = 0; at <= bytes.length; at++) {
      const state = states[at];
      if (state === undefined) break;
      const here = bytes.slice(0, at);
      if (constraint.canEnd(state) !== this.#valid.has(here)) this.note(`the end of ${here}`);
      for (const next of this.#next)
        if ((after(constraint, state, next) !== undefined) !== this.#beginnings.has(here + next))
          this.note(`${next} after ${here}`);
      const forced = Buffer.from(constraint.forced!(state)).toString('latin1');
      if (!bytes.startsWith(here + forced)) this.note(`forced ${forced} after ${here}`);
      states.push(after(constraint, state, bytes[at] ?? '!'));
    }
    return states;
  }

  mask(state: unknown): void {
    for (const bytes of wrongTokens(this.constraint, state)) this.note(`token ${bytes} in a mask`);
  }

  /** @returns whether there is one */
  complete(state: unknown): boolean {
    const { constraint } = this;
    const bytes = constraint.completion!(state);
    if (!bytes) return false;
    const end = bytes.length === 0 ? state : constraint.advance(state, bytes);
    if (end === undefined || !constraint.canEnd(end)) this.note('a completion that ends nowhere');
    return true;
  }
}

describe('jsonSchema where single values are excluded', () => {
  it('takes all texts of finite schemas, no other, and no byte that leads to none', () => {
    const random = new RandomSchemas(1);
    let valid = 0;
    let completed = 0;
    let asked = 0;
    for (let judged = 0; judged < counts.finite; ) {
      const finite = random.next();
      const isValid = judgeOf(finite.schema);
      const right = finite.texts.filter(isValid);
      const mistakes = new Mistakes(finite, right);
      if ((mistakes.constraint.start() !== undefined) !== right.length > 0) mistakes.note('start');
      const texts = [...random.some(right, 40), ...random.some(finite.texts, 20)];
      for (const text of texts) mistakes.judge(text);
      for (const text of random.some(right, 2)) {
        const states = mistakes.walk(text);
        const state = states[random.below(states.length - 1)];
        mistakes.mask(state);
        asked++;
        if (mistakes.complete(state)) completed++;
      }
      expect(mistakes.found).toEqual([]);
      judged += texts.length;
      valid += texts.filter(isValid).length;
    }
    expect(valid).toBeGreaterThan(counts.finite / 3);
    expect(completed / asked).toBeGreaterThan(0.99);
  });

  it('takes everyday names and items in their order, however they are spelled', () => {
    const random = new OpenSchemas(2);
    let valid = 0;
    for (let judged = 0; judged < counts.open; ) {
      const { schema, texts, beginning } = random.next();
      const isValid = judgeOf(schema);
      const constraint: Constraint<unknown, unknown> = jsonSchema(schema);
      const wrong = texts.filter((text) => accepts(constraint, text) !== isValid(text));
      expect(wrong, JSON.stringify(schema)).toEqual([]);
      const start = constraint.start();
      const state = beginning === '' ? start : after(constraint, start, bytesOf(beginning));
      const tokensAfter = state === undefined ? [] : wrongTokens(constraint, state);
      expect(tokensAfter, `${beginning} under ${JSON.stringify(schema)}`).toEqual([]);
      judged += texts.length;
      valid += texts.filter(isValid).length;
    }
    expect(valid).toBeGreaterThan(counts.open / 3);
  });
});
