/** A line of a text: UTF-16 offsets. */
export interface Line {
  readonly from: number;
  /** Offset of its first character that is neither a blank nor a mark of quotation. */
  readonly body: number;
  /** After its last character that is not a blank; `body` of a blank line. */
  readonly to: number;
  /** After the line end. */
  readonly next: number;
  /** Depth of quotation, as in mails: `> ` is 1. */
  readonly quoted: number;
}

/** Lines end as in Unicode: LF, CR, CRLF, form feed, line and paragraph separator. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const { index: from, 0: line } of text.matchAll(
    /[^\r\n\f\u2028\u2029]*(?:\r\n|[\r\n\f\u2028\u2029])|[^\r\n\f\u2028\u2029]+$/g,
  )) {
    const [quotation] = /^(?:[ \t]{0,3}>)*/.exec(line)!;
    const rest = line.slice(quotation.length).trimEnd();
    const written = rest.trimStart();
    const body = from + quotation.length + rest.length - written.length;
    lines.push({
      from,
      body,
      to: body + written.length,
      next: from + line.length,
      quoted: quotation.split('>').length - 1,
    });
  }
  return lines;
}
