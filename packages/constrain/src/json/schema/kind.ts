/** The kinds of JSON values; `true` and `false` apart, since each is one value. */
export const kinds = ['null', 'true', 'false', 'number', 'string', 'array', 'object'] as const;
export type Kind = (typeof kinds)[number];

/** The kind of a value by its first byte. */
export const kindByByte: readonly (Kind | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (character === '"') return 'string';
  if (character === '{') return 'object';
  if (character === '[') return 'array';
  if (character === 'n') return 'null';
  if (character === 't') return 'true';
  if (character === 'f') return 'false';
  return /[-0-9]/.test(character) ? 'number' : undefined;
});

export const kindIndex: Readonly<Record<Kind, number>> = {
  null: 0,
  true: 1,
  false: 2,
  number: 3,
  string: 4,
  array: 5,
  object: 6,
};

export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'array' : 'object';
}
