import { randomStream } from '@pliant/core';

/** A schema that many values satisfy, and some texts that may be of them. */
export interface OpenCase {
  readonly schema: object;
  readonly texts: readonly string[];
  /** Of one of the texts. */
  readonly beginning: string;
}

/** What strings ask, and the n-th of them, counted as people do. */
interface Sort {
  readonly schema: object;
  readonly nth: (n: number) => string;
}

const pad = (n: number, length: number) => String(n).padStart(length, '0');
const hex = (n: number, length: number) => n.toString(16).padStart(length, '0');
const day = (n: number) => new Date(Date.UTC(2024, 0, 1 + n)).toISOString().slice(0, 10);
const letter = (n: number, from: string) => String.fromCodePoint(from.codePointAt(0)! + n);

const sorts: readonly Sort[] = [
  { schema: { pattern: '^[0-9]{4}$' }, nth: (n) => pad(1990 + n, 4) },
  { schema: { pattern: '^Q[1-4]$' }, nth: (n) => `Q${1 + (n % 5)}` },
  { schema: { pattern: '^[a-z]+[1-9]$' }, nth: (n) => `remark${n % 10}` },
  { schema: { pattern: '^[0-9]{4}-[0-9]{2}$' }, nth: (n) => day(31 * n).slice(0, 7) },
  { schema: { pattern: '^[a-h][1-8]$' }, nth: (n) => letter(n % 9, 'a') + (1 + ((n >> 1) % 8)) },
  { schema: { pattern: '^[A-Z]{3}-[0-9]{4}$' }, nth: (n) => `ABC-${pad(n, 4)}` },
  { schema: { pattern: '^#[0-9a-f]{6}$' }, nth: (n) => `#${hex(0xff0000 + n, 6)}` },
  { schema: { pattern: '^\\p{L}$' }, nth: (n) => letter(n, 'à') },
  { schema: { pattern: '^[^a-c"]$' }, nth: (n) => letter(n, '^') },
  { schema: { pattern: '^[\\u{1f600}-\\u{1f64f}]{1,2}$' }, nth: (n) => letter(n, '😀') },
  { schema: { pattern: '^.$' }, nth: (n) => letter(n * 37, '\u0001') },
  { schema: { pattern: '[05]$', maxLength: 3 }, nth: (n) => String(n) },
  { schema: { minLength: 1, maxLength: 2 }, nth: (n) => hex(n, 1) },
  { schema: { format: 'date' }, nth: day },
  { schema: { format: 'ipv4' }, nth: (n) => `10.0.${n >> 8}.${n & 255}` },
  { schema: { format: 'uuid' }, nth: (n) => `3f0c1a52-7d1e-4a77-9a31-${hex(n, 12)}` },
  { schema: { format: 'time' }, nth: (n) => `12:${pad(n % 60, 2)}:00Z` },
  { schema: { format: 'email' }, nth: (n) => `user${n}@mail.example` },
];

/** In their order, with some missing, and backwards. */
function listsOf(words: readonly string[]): (readonly string[])[] {
  const parts = [0, 1, 2, 3, 4].map((from) => words.slice(from));
  return [...parts, [...words].reverse(), words.slice(0, 2), words.slice(1, 4)];
}

/** Makes schemas of everyday names and items, some of them used or excluded. */
export class OpenSchemas {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomStream(seed, 'open');
  }

  next(): OpenCase {
    const sort = this.#of(sorts);
    const from = this.#below(200);
    // In a row, with a few that come twice.
    const words = Array.from({ length: 6 }, (_, i) =>
      sort.nth(from + (this.#below(12) === 0 ? this.#below(6) : i)),
    );
    const schema = { type: 'string', ...sort.schema };
    const excluded = [...new Set(words.slice(0, 1 + this.#below(3)))];
    const open = this.#of([
      () => this.#excluding(schema, excluded, words),
      () => this.#items(schema, excluded, words),
      () => this.#names(schema, excluded, words),
      () => this.#names(schema, excluded, words),
    ])();
    const text = this.#of(open.texts);
    // Mostly where a string ends or begins.
    const quotes = [...text.matchAll(/"/g)].map(({ index }) => index);
    const end = this.#below(4) === 0 ? this.#below(text.length) : this.#of(quotes);
    return { ...open, beginning: text.slice(0, end) };
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #of<T>(list: readonly T[]): T {
    return list[this.#below(list.length)];
  }

  /** The text, now and then with characters spelled otherwise. */
  #spelled(value: string): string {
    if (this.#below(3) > 0) return JSON.stringify(value);
    const units = Array.from({ length: value.length }, (_, i) => value.charCodeAt(i));
    return `"${units.map((unit) => `\\u${hex(unit, 4)}`).join('')}"`;
  }

  #excluding(
    schema: object,
    excluded: readonly string[],
    words: readonly string[],
  ): Omit<OpenCase, 'beginning'> {
    const whole = this.#of<object>([
      { ...schema, not: { enum: excluded } },
      { ...schema, not: { anyOf: excluded.map((word) => ({ const: word })) } },
      { oneOf: [{ const: excluded[0] }, schema] },
      { oneOf: [{ enum: excluded }, schema, { const: words[5] }] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword
      { ...schema, if: { const: excluded[0] }, then: false },
      // biome-ignore lint/suspicious/noThenProperty: a keyword
      { if: { enum: excluded }, then: { const: excluded[0] }, else: schema },
    ]);
    return { schema: whole, texts: words.map((word) => this.#spelled(word)) };
  }

  #items(
    schema: object,
    excluded: readonly string[],
    words: readonly string[],
  ): Omit<OpenCase, 'beginning'> {
    const items = this.#below(2) === 0 ? schema : { ...schema, not: { const: excluded[0] } };
    return {
      schema: { type: 'array', items, uniqueItems: true, minItems: this.#below(3) },
      texts: listsOf(words).map((list) => `[${list.map((word) => this.#spelled(word)).join()}]`),
    };
  }

  #names(
    schema: object,
    excluded: readonly string[],
    words: readonly string[],
  ): Omit<OpenCase, 'beginning'> {
    const [first] = excluded;
    const pattern = 'pattern' in schema ? (schema.pattern as string) : '^';
    const closed = { patternProperties: { [pattern]: true }, additionalProperties: false };
    const whole = this.#of<object>([
      { propertyNames: schema },
      { propertyNames: { ...schema, not: { enum: excluded } }, minProperties: 2 },
      { propertyNames: schema, properties: { [first]: { const: 1 } }, required: [first] },
      { ...closed, properties: { [first]: { const: 2 } }, minProperties: 2 },
      { ...closed, not: { required: excluded } },
      { propertyNames: { oneOf: [{ const: first }, schema] } },
      { properties: { [first]: { const: 1 } }, additionalProperties: { const: 2 } },
      { properties: { [first]: { type: 'string' }, [words[4]]: {} }, minProperties: 5 },
      { required: excluded, not: { required: [words[4]] } },
    ]);
    return {
      schema: { type: 'object', ...whole },
      // Names that come twice are not asked about: JSON.parse keeps one.
      texts: listsOf(words).map((list) => {
        const members = [...new Set(list)].map(
          (name) => `${this.#spelled(name)}:${this.#below(2) + 1}`,
        );
        return `{${members.join()}}`;
      }),
    };
  }
}
