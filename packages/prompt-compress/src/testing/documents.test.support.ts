import fc from 'fast-check';

/** A document whose units are known, since it was put together from them. */
export interface MadeDocument {
  readonly kind: string;
  readonly text: string;
  readonly units: readonly string[];
}

const pick = (...words: string[]) => fc.constantFrom(...words);
const name = pick('Dr. A. Lindgren', 'Mr. Osei', 'Solveig', 'Prof. J. R. Holt', 'Mrs. Aas');
const noun = pick('ferry', 'lighthouse', 'crane', 'harbourmaster', 'café', 'boat shed', 'hôtel');
const number = pick('1,284.50', '2023-10-07', '18:45:09', '3.11.4', '+47-555-0182', 'NX-20417-b');
const end = pick('.', '.', '.', '!', '?');
const clause = pick(
  'because the post office has closed for good',
  'provided that we are done by noon',
  'i.e. not on Tuesdays in winter',
  'as it says in Fig. 3 on p. 12',
);

const english = fc
  .tuple(name, noun, number, clause, end)
  .map(([who, what, code, why, stop]) => `The ${what} of ${who} has number ${code}, ${why}${stop}`);

/** Lines of at most `width` characters. */
function wrap(text: string, width: number, first: string, later: string): string {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    if (line.length + word.length > width && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = later;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}

/** The sentences of a paragraph as they stand in its wrapped text. */
function wrapped(kind: string, width: number, first: string, later: string) {
  return fc
    .array(fc.array(english, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
    .map((paragraphs): MadeDocument => {
      const units: string[] = [];
      const texts = paragraphs.map((sentences) => {
        const text = wrap(sentences.join(' '), width, first, later);
        const blank = `(?:\\s|${later.trim() || '\\s'})+`;
        for (const sentence of sentences) {
          const pattern = sentence
            .split(' ')
            .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
            .join(blank);
          units.push(new RegExp(pattern).exec(text)![0]);
        }
        return text;
      });
      return { kind, text: texts.join(later.trim() ? `\n${later.trim()}\n` : '\n\n'), units };
    });
}

const lines = (kind: string, line: fc.Arbitrary<string>, between = '\n') =>
  fc
    .uniqueArray(line, { minLength: 4, maxLength: 12 })
    .map((units): MadeDocument => ({ kind, text: units.join(between), units }));

const small = fc.integer({ min: 0, max: 99 });

export const documents = fc.oneof(
  wrapped('mail', 60, '', ''),
  wrapped('specification', 70, '   ', '   '),
  wrapped('quoted mail', 64, '> ', '> '),
  lines(
    'list',
    english.map((sentence) => wrap(sentence, 50, '- ', '  ')),
  ),
  lines(
    'log',
    fc
      .tuple(small, small, pick('INFO', 'WARN', 'ERROR'), noun)
      .map(
        ([a, b, level, what]) =>
          `2024-03-01T10:${10 + (a % 50)}:${10 + (b % 50)}Z ${level} ${what} left=${b}`,
      ),
  ),
  lines(
    'table',
    fc.tuple(noun, small, small).map(([what, a, b]) => `| ${what} | ${a} | ${b} |`),
  ),
  lines(
    'configuration',
    fc
      .tuple(pick('host', 'port', 'size', 'mode', 'path'), small, small)
      .map(([key, a, b]) => `${key}${a} = ${b}`),
  ),
  lines(
    'CSV',
    fc.tuple(noun, small, number).map(([what, a, b]) => `${what},${a},${b.replace(',', '')}`),
  ),
  lines(
    'code',
    fc.tuple(small, small).map(([a, b]) => `const value${a} = compute(${b}, "${a}");`),
  ),
  lines(
    'chat',
    fc
      .tuple(pick('Anna', 'Jonas'), small)
      .map(([who, a]) => `${who}: I saw ${a} boats at the pier.`),
  ),
  lines(
    'Chinese',
    small.map((a) => `第${a}天有十七艘船进港，天气晴朗。`),
    '',
  ),
  lines(
    'Japanese',
    small.map((a) => `${a}隻の船が港に入ったので、天気は晴れだった。`),
    '',
  ),
  lines(
    'Arabic',
    small.map((a) => `وصلت ${a} سفينة إلى الميناء في الصباح الباكر.`),
    ' ',
  ),
  lines(
    'Hindi',
    small.map((a) => `${a} नावें सुबह बंदरगाह पर आईं।`),
    ' ',
  ),
  lines(
    'emoji',
    small.map((a) => `Crew 👩‍👩‍👧‍👦 ${a} came from 🇳🇴 at noon.`),
    ' ',
  ),
);
