import fc from 'fast-check';

const pieces = [
  ...['😀', '👍!', '👩‍👩‍👧', '🏳️‍🌈', 'e\u0301', 'a\u0308\u0323', 'é', '日本', 'Ω', '\u2019s', '€'],
  ...['\r\n', '\n', '\n\n', '\r', '\t', '  ', ' ', '. ', '! ', '? '],
  ...['the', ' the', ' and', 'Word', ' 42', '0.5', 'U.S. '],
  ...['if (a < b) {\n  return "x";\n}\n', '{"k": [1, 2]}', '```ts\nlet a;\n```\n', '<|end|>'],
] as const;

/**
 * Text of emoji, combining marks, CRLF, code, control tokens and any other characters, 1 or more.
 */
export const roughText = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }) },
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((parts) => parts.join(''));
