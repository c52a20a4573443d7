import { accepts, choice, grammar, jsonSchema, regex, type tokenTrie } from '@pliant/constrain';
import { encodePrompt, type Tokenizer } from '@pliant/core';
import { masksAlong } from './masks-along.js';

/** Something whose time is measured at several sizes, each twice the one before. */
export interface GrowingInput {
  readonly name: string;
  readonly sizes: readonly number[];
  /** Prepares an input. Only the returned function is measured, not the preparation. */
  readonly prepare: (n: number) => () => unknown;
}

const rep = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));
const named = (n: number, make: (i: number) => unknown) =>
  Object.fromEntries(rep(n, (i) => [`p${i}`, make(i)]));
const members = (n: number) => JSON.stringify(named(n, (i) => i));
const list = (n: number, make: (i: number) => unknown) => JSON.stringify(rep(n, make));
const doubling = (first: number, count = 4) => rep(count, (i) => first * 2 ** i);
/** Spread over the range, no two the same for n up to 100,003. */
const scattered = (i: number) => (i * 7_919) % 100_003;

function required(n: number, more: object = {}) {
  const properties = named(n, () => ({ type: 'integer' }));
  return { type: 'object', properties, required: Object.keys(properties), ...more };
}

type Options = Parameters<typeof jsonSchema>[1];

/** Compiled and read from its first byte to its last. @throws Error when the text is refused */
function schema(
  name: string,
  first: number,
  schemaOf: (n: number) => object,
  textOf: (n: number) => string,
  options?: Options,
): GrowingInput {
  return {
    name,
    sizes: doubling(first),
    prepare(n) {
      const [value, text] = [schemaOf(n), textOf(n)];
      return () => expectTaken(name, accepts(jsonSchema(value, options), text));
    },
  };
}

function expectTaken(name: string, isTaken: boolean): void {
  if (!isTaken) throw new Error(`the text of '${name}' is refused`);
}

const unique = { type: 'array', uniqueItems: true };

const schemas: readonly GrowingInput[] = [
  schema('members required, schema order', 500, required, members, {
    propertyOrder: 'schema',
    whitespace: 'none',
  }),
  schema('members required, any order', 500, required, members),
  schema(
    'members required, closed',
    500,
    (n) => required(n, { additionalProperties: false }),
    members,
  ),
  schema('members of an open object', 2_000, () => ({ type: 'object' }), members),
  schema(
    'members under a pattern',
    1_000,
    () => ({ patternProperties: { '^p': { type: 'integer' } }, additionalProperties: false }),
    members,
  ),
  schema(
    'members under a pattern with few names left',
    1_000,
    () => ({ patternProperties: { '^p[0-9]{1,5}$': {} }, additionalProperties: false }),
    members,
  ),
  schema(
    'members under propertyNames',
    1_000,
    () => ({ type: 'object', propertyNames: { pattern: '^[a-z][0-9]+$' } }),
    members,
  ),
  schema(
    'members with minProperties',
    1_000,
    (n) => ({ type: 'object', minProperties: n }),
    members,
  ),
  schema(
    'members that others ask for',
    100,
    (n) => ({ dependentRequired: named(n, (i) => [`p${(i + 1) % n}`]) }),
    members,
  ),
  schema(
    'members that bring schemas',
    50,
    (n) => ({
      dependentSchemas: named(n, (i) => ({ properties: { [`p${i}`]: { type: 'integer' } } })),
    }),
    members,
  ),
  schema(
    'members beside unevaluatedProperties',
    500,
    (n) => ({ allOf: [required(n)], unevaluatedProperties: false }),
    members,
  ),
  schema(
    'unique integers',
    500,
    () => ({ ...unique, items: { type: 'integer' } }),
    (n) => list(n, (i) => i),
  ),
  schema(
    'unique integers, scattered',
    500,
    () => ({ ...unique, items: { type: 'integer', minimum: 0, maximum: 100_003 } }),
    (n) => list(n, scattered),
    { spelling: 'canonical' },
  ),
  schema(
    'unique numbers',
    500,
    () => ({ ...unique, items: { type: 'number' } }),
    (n) => list(n, (i) => i / 8),
  ),
  schema(
    'unique strings',
    500,
    () => unique,
    (n) => list(n, (i) => `item ${scattered(i)}`),
  ),
  schema(
    'unique objects',
    250,
    () => unique,
    (n) => list(n, (i) => ({ id: i, t: 'x' })),
  ),
  schema(
    'unique items of an enum',
    250,
    (n) => ({ ...unique, items: { enum: rep(n, (i) => `v${i}`) }, minItems: n }),
    (n) => list(n, (i) => `v${i}`),
  ),
  schema(
    'values of an enum',
    2_500,
    (n) => ({ type: 'array', items: { enum: rep(n, scattered) } }),
    (n) => list(n / 10, (i) => scattered(i * 9)),
  ),
  schema(
    'branches of oneOf',
    50,
    (n) => ({ oneOf: rep(n, (i) => ({ properties: { t: { const: `t${i}` } }, required: ['t'] })) }),
    (n) => `{"t":"t${n - 1}"}`,
  ),
  schema(
    'items to contain',
    500,
    (n) => ({ type: 'array', contains: { const: 'x' }, minContains: n, maxContains: n }),
    (n) => list(2 * n, (i) => (i % 2 ? 'x' : i)),
  ),
  schema(
    'items of their own',
    1_000,
    (n) => ({ type: 'array', prefixItems: rep(n, (i) => ({ const: i })) }),
    (n) => list(n, (i) => i),
  ),
  schema(
    'items at least',
    2_500,
    (n) => ({ type: 'array', minItems: n }),
    (n) => list(n, (i) => i),
  ),
  schema(
    'arrays inside each other',
    100,
    () => ({}),
    (n) => '['.repeat(n) + ']'.repeat(n),
    { maxDepth: 1_000 },
  ),
  schema(
    'a pattern with minLength',
    2_000,
    (n) => ({ type: 'string', minLength: n, pattern: '^[a-z ]*$' }),
    (n) => JSON.stringify('a'.repeat(n)),
  ),
  schema(
    'patterns on one string',
    5,
    (n) => ({ type: 'string', allOf: rep(n, (i) => ({ pattern: `k${i};` })) }),
    (n) => JSON.stringify(rep(n, (i) => `k${i};`).join('')),
  ),
  schema(
    'a long string',
    50_000,
    () => ({ type: 'string' }),
    (n) => JSON.stringify('é'.repeat(n)),
  ),
  schema(
    'a long string with a format',
    10_000,
    () => ({ type: 'string', format: 'uri' }),
    (n) => JSON.stringify(`https://example.com/${'a/'.repeat(n)}`),
  ),
];

const others: readonly GrowingInput[] = [
  {
    name: 'a long text by a regular expression',
    sizes: doubling(50_000),
    prepare: (n) => () =>
      expectTaken('regex', accepts(regex(/([a-z]+ ?)+\./), `${'word '.repeat(n)}.`)),
  },
  {
    name: 'a long text by a grammar',
    sizes: doubling(10_000),
    prepare: (n) => () =>
      expectTaken('grammar', accepts(grammar('root ::= ([a-z]+ ","?)*'), 'word,'.repeat(n))),
  },
  {
    name: 'brackets of a grammar',
    sizes: doubling(10_000),
    prepare: (n) => () =>
      expectTaken(
        'brackets',
        accepts(grammar('root ::= "(" root ")" | "x"'), `${'('.repeat(n)}x${')'.repeat(n)}`),
      ),
  },
  {
    name: 'options of a choice',
    sizes: doubling(5_000),
    prepare: (n) => () =>
      expectTaken('choice', accepts(choice(rep(n, (i) => `option ${i}`)), `option ${n - 1}`)),
  },
];

/** All that is measured. */
export function growingInputs(
  tokenizer: Tokenizer,
  trie: ReturnType<typeof tokenTrie>,
): readonly GrowingInput[] {
  const masks: GrowingInput = {
    name: 'masks along unique integers',
    sizes: doubling(25),
    prepare(n) {
      const tokens = tokenizer.encode(list(n, scattered));
      return () =>
        masksAlong(jsonSchema({ ...unique, items: { type: 'integer' } }), tokens, tokenizer, trie);
    },
  };
  const messages: GrowingInput = {
    name: 'messages of a chat',
    sizes: doubling(100),
    prepare(n) {
      const chat = rep(n, (i) => ({
        role: i % 2 ? ('assistant' as const) : ('user' as const),
        content: `Message ${i} says little.`,
      }));
      return () => encodePrompt({ messages: chat }, tokenizer);
    },
  };
  return [...schemas, ...others, masks, messages];
}
