import { closeUnderCase } from '../../regex/syntax/case-folding.js';
import { type Expression, sequence } from '../rules/expression.js';
import type { SourceReader } from '../rules/source-reader.js';
import { larkPattern } from './lark-pattern.js';
import { larkString } from './lark-string.js';

/** A string, also in any case, or a range of characters. */
export function readString(reader: SourceReader): Expression {
  const position = reader.at;
  const first = larkString(reader);
  if (!reader.take('..')) {
    const ignoreCase = reader.take('i');
    return sequence(
      first.map((codePoint) => {
        const set = [codePoint, codePoint];
        return { type: 'set', set: ignoreCase ? closeUnderCase(set, true) : set };
      }),
    );
  }
  const last = reader.peek() === '"' ? larkString(reader) : [];
  if (first.length !== 1 || last.length !== 1 || last[0] < first[0])
    reader.fail('a range is between two characters in order, as "a".."z"', position);
  return { type: 'set', set: [first[0], last[0]] };
}

/** A regular expression between slashes. */
export function readPattern(reader: SourceReader): Expression {
  const position = reader.at;
  const match = reader.match(/\/((?:\\[^\r\n]|[^/\\\r\n])+)\/([a-z]*)/y);
  if (!match) reader.fail("the regular expression does not end on its line. Write '/' as '\\/'");
  return larkPattern(match![1], match![2], (reason) =>
    reader.fail(`regular expression: ${reason}`, position),
  );
}
