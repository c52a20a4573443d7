import { randomStream } from '@pliant/core';

/**
 * A schema that finitely many texts satisfy, all of them among `texts`, as JSON.stringify spells
 * values.
 */
export interface FiniteCase {
  readonly schema: object;
  readonly texts: readonly string[];
}

/**
 * Characters that belong together: of one class, of one first byte, to be escaped, of several
 * bytes.
 */
const alphabets = ['abc', '012', 'éèê', '😀😁a', '漢é~', '"\\a', '\n/b', 'ÿ\u{10ffff}Z', '-_A'];

const somePoints = [
  ...[{}, { x: 1 }, { x: 2 }, { y: true }, { x: 1, y: true }],
  ...[
    { x: 2, y: true },
    { y: true, x: 1 },
    { y: true, x: 2 },
  ],
];

/**
 * Makes schemas in which one value stands beside others of its class: excluded, used up, listed, or
 * all but one.
 */
export class RandomSchemas {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomStream(seed, 'exclusions');
  }

  next(): FiniteCase {
    return this.#of<() => FiniteCase>([
      () => this.#string(),
      () => this.#array(),
      () => this.#array(),
      () => this.#object(),
      () => this.#object(),
    ])();
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** @returns some of them, in random order */
  some<T>(list: readonly T[], count: number): T[] {
    const left = [...list];
    const chosen: T[] = [];
    while (chosen.length < count && left.length > 0)
      chosen.push(...left.splice(this.below(left.length), 1));
    return chosen;
  }

  #of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  #chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  #string(): FiniteCase {
    const words = wordsOver(this.#of(alphabets), this.#chance(30) ? 3 : 2);
    return { schema: this.#strings(words), texts: words.map((word) => JSON.stringify(word)) };
  }

  /** Of strings that are among the words. */
  #strings(words: readonly string[]): Record<string, unknown> {
    const schema = { type: 'string', pattern: this.#pattern(words) };
    return Object.assign(schema, ...Array.from({ length: this.below(4) }, () => this.#less(words)));
  }

  /** Leaves out some words. */
  #less(words: readonly string[]): object {
    const pattern = () => ({ pattern: this.#pattern(words) });
    const list = () => ({ enum: this.some(words, 1 + this.below(this.#of([2, 4, words.length]))) });
    const one = () => ({ const: this.#of(words) });
    const some = () => this.#of([pattern, list, one])();
    return this.#of<() => object>([
      () => ({ not: one() }),
      () => ({ not: list() }),
      () => ({ not: { anyOf: [one(), some()] } }),
      () => ({ not: pattern() }),
      () => ({ allOf: [some(), { not: some() }] }),
      () => ({ anyOf: [some(), pattern()] }),
      () => ({ oneOf: [some(), pattern()] }),
      () => ({ oneOf: [one(), some(), pattern()] }),
      // biome-ignore lint/suspicious/noThenProperty: a keyword
      () => ({ if: some(), then: some(), else: pattern() }),
      // biome-ignore lint/suspicious/noThenProperty: a keyword
      () => ({ if: one(), then: false }),
      () => list(),
      () => ({ minLength: this.below(3) }),
      () => ({ maxLength: 1 + this.below(2) }),
    ])();
  }

  /** Of some of the words, as a whole; seldom of parts. */
  #pattern(words: readonly string[]): string {
    const characters = [...new Set(words.join(''))];
    const sort = () => {
      const members = this.some(characters, 1 + this.below(characters.length));
      return `[${members.map(inClass).join('')}]`;
    };
    const word = () => [...this.#of(words)].map(literal).join('');
    return this.#of([
      () => `^${sort()}${sort()}$`,
      () => `^${sort()}?${sort()}$`,
      () => `^${sort()}{1,2}$`,
      () => `^(?:${word()}|${sort()}${sort()})$`,
      () => `^(?:${sort()}|${word()}|${word()})$`,
      () => `^${sort()}$`,
    ])();
  }

  #array(): FiniteCase {
    const { items, values } = this.#items();
    const most = values.length > 8 ? 2 : 3;
    const schema: Record<string, unknown> = {
      type: 'array',
      items,
      maxItems: 1 + this.below(most),
    };
    if (this.#chance(85)) schema.uniqueItems = true;
    if (this.#chance(40)) schema.minItems = this.below(most + 1);
    if (this.#chance(20)) schema.contains = { const: this.#of(values) };
    if (!schema.contains && this.#chance(25))
      schema.prefixItems = [{ not: { const: this.#of(values) }, ...items }];
    return { schema, texts: sequences(values, most).map((list) => JSON.stringify(list)) };
  }

  #items(): { items: Record<string, unknown>; values: unknown[] } {
    const words = wordsOver(this.#of(alphabets), 2);
    const flags = { type: 'array', items: { type: 'boolean' }, maxItems: 1 };
    const points = {
      type: 'object',
      properties: { x: this.#value(), y: { const: true } },
      additionalProperties: false,
    };
    const integers = { type: 'integer', minimum: 8, maximum: 11 };
    return this.#of<() => { items: Record<string, unknown>; values: unknown[] }>([
      () => ({ items: this.#strings(words), values: words }),
      () => ({ items: this.#strings(words), values: words }),
      () => ({ items: { type: ['boolean', 'null'] }, values: [true, false, null] }),
      () => ({ items: flags, values: [[], [true], [false]] }),
      () => ({ items: points, values: somePoints }),
      () => ({ items: { ...points, required: ['x'] }, values: somePoints }),
      () => ({ items: { ...integers, not: { const: 9 } }, values: [8, 9, 10, 11] }),
      () => ({ items: { ...integers, not: { multipleOf: 2 } }, values: [8, 9, 10, 11] }),
      () => ({
        items: { anyOf: [this.#strings(words), integers, { const: true }] },
        values: [...words, 8, 9, 10, 11, true],
      }),
    ])();
  }

  #object(): FiniteCase {
    const all = wordsOver(this.#of(alphabets), 2);
    const words = this.#chance(50) ? all : this.some(all, 4 + this.below(2));
    const most = words.length > 4 ? 2 : 3;
    const schema: Record<string, unknown> = { type: 'object', maxProperties: most };
    const names = () => this.some(words, 1 + this.below(3));
    schema.propertyNames =
      words === all && this.#chance(60) ? this.#strings(words) : { enum: words };
    schema.additionalProperties = this.#value();
    if (this.#chance(60)) {
      const patterns = Array.from({ length: 1 + this.below(2) }, () => this.#pattern(words));
      schema.patternProperties = Object.fromEntries(patterns.map((p) => [p, this.#value()]));
      if (this.#chance(60)) schema.additionalProperties = false;
    }
    if (this.#chance(50))
      schema.properties = Object.fromEntries(names().map((name) => [name, this.#value()]));
    if (this.#chance(25)) schema.required = names().slice(0, most);
    if (this.#chance(40)) schema.minProperties = this.below(most + 1);
    if (this.#chance(20)) schema.not = { required: names() };
    if (this.#chance(15)) schema.dependentRequired = { [this.#of(words)]: names() };
    return { schema, texts: objects(words, most) };
  }

  #value(): unknown {
    return this.#of<unknown>([
      { type: 'integer', minimum: 1, maximum: 2 },
      { type: 'integer', enum: [1, 2] },
      { type: 'integer', const: 1 },
      { type: 'integer', minimum: 1, maximum: 2, not: { const: 1 } },
      false,
    ]);
  }
}

/** All words of one to `length` characters. */
function wordsOver(alphabet: string, length: number): string[] {
  let longest = [''];
  const words: string[] = [];
  for (let i = 0; i < length; i++) {
    longest = longest.flatMap((word) => [...alphabet].map((character) => word + character));
    words.push(...longest);
  }
  return words;
}

function sequences(values: readonly unknown[], most: number): unknown[][] {
  let longest: unknown[][] = [[]];
  const all: unknown[][] = [[]];
  for (let i = 0; i < most; i++) {
    longest = longest.flatMap((list) => values.map((value) => [...list, value]));
    all.push(...longest);
  }
  return all;
}

/** In every order of the names, each with 1 or 2. */
function objects(names: readonly string[], most: number): string[] {
  const members = names.map((name) => [1, 2].map((value) => `${JSON.stringify(name)}:${value}`));
  let longest: { readonly texts: readonly string[]; readonly used: readonly number[] }[] = [
    { texts: [], used: [] },
  ];
  const all = ['{}'];
  for (let size = 0; size < most; size++) {
    longest = longest.flatMap(({ texts, used }) =>
      members.flatMap((spellings, name) =>
        used.includes(name)
          ? []
          : spellings.map((member) => ({ texts: [...texts, member], used: [...used, name] })),
      ),
    );
    all.push(...longest.map(({ texts }) => `{${texts.join()}}`));
  }
  return all;
}

function inClass(character: string): string {
  return character.replace(/[\\\]^-]/, '\\$&');
}

function literal(character: string): string {
  return character.replace(/[\\^$*+?.()|[\]{}/]/, '\\$&');
}
