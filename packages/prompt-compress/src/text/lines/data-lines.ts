const timeStamp = new RegExp(
  [
    /\[?\(?\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ,_]|[\])]|$)/, // 2024-03-01T10:00, [2024/03/01 ...
    /\[?\(?\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}[T ,]+\d{1,2}[:.]\d{2}/, // 01/03/2024 10:00
    /\[?\(?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?:[\])]|\s|$)/, // 10:00:04.123
    /\[?\d{1,2}\/\p{L}{3}\/\d{4}/u, // 01/Mar/2024
    /(?:\p{Lu}\p{L}{2},? )?\p{Lu}\p{L}{2} +\d{1,2},? (?:\d{4},? )?\d{1,2}:\d{2}/u, // Mar  1 10:00:04
    /\[? *\d{9,}(?:\.\d+)?[\] ]/, // since 1970, or since the start
    /\[ *\d+\.\d+\]/, // of a kernel
    /[IWEF]\d{4} \d{2}:\d{2}/, // I0301 10:00
    /\d{1,3}(?:\.\d{1,3}){3}(?::\d+)? /, // a client's address
    /[[<(]?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE)\b[\]>):]?/,
  ]
    .map(({ source }) => `(?:${source})`)
    .join('|'),
  'uy',
);

const code = new RegExp(
  [
    /[{}]$/,
    /^[)\]}]+[;,]?$/,
    /[)\]}"'`\d\w];$(?<=[=(){}[\]<>].*)/,
    /^(?:\/\/|\/\*|\*\/|#include\b|#!|@@ |\+\+\+ |--- |diff --git|<!--|<\?)/,
    /^<\/?[A-Za-z][^<>]*>/,
    /^(?:import|from|export|const|let|var|def|class|func|fn|function|return|if|for|while|switch|case|elif|public|private|protected|static|package|using|namespace|struct|enum|type|interface)\b(?=.*(?:[({;=:]|=>)\s*$)/,
    /^(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP)\s(?=.*[;(,*=])/,
    /^[\w.$]+\([^()]*\)[;,]?$/,
    /^(?:[$#%] |>>> |\.\.\. )\S/,
    /^(?:at \S+ ?\(.*\)|at [\w.$<>]+:\d+|File ".*", line \d+)/,
    /(?:=>|===?|!==?|&&|\|\||\+=|-=|:=|::|->)(?=.*[\w)\]}"';{(,]$)/,
    /^;+ \S/,
    /^["'[{].*["'\]}\d],$/,
    /^["'][^"']+["']\s*:\s*\S/,
    /^[[{].*[\]}]$/,
    /^\[[^\]]+\]$/,
  ]
    .map(({ source }) => `(?:${source})`)
    .join('|'),
  'u',
);

/** Characters of a line that are looked at; longer lines are told apart by their beginning. */
const looked = 400;

/**
 * Whether a line alone shows that it is not prose: it is from a log, a table, a configuration file,
 * a program or markup.
 */
export function isDataLine(body: string): boolean {
  const line = body.slice(0, looked);
  timeStamp.lastIndex = 0;
  return (
    timeStamp.test(line) ||
    isTableRow(line) ||
    /^(?:export |set |SET )?[\w.$\-[\]"'/]+ ?= ?\S*/.test(line) ||
    (line.match(/(?:^|[\s,;&?])[\w.$-]+=[^\s=]/g)?.length ?? 0) > 1 ||
    code.test(line)
  );
}

/** A row of a table in Markdown, of a grid, or with tabs. */
export function isTableRow(body: string): boolean {
  return (
    /^[|│┃║+]/.test(body) ||
    /[^|]\|[^|]*[^|]\|/.test(body) ||
    /^[-:| ]+\|[-:| ]+$/.test(body) ||
    /[│┃║├└┌]/.test(body) ||
    /\S(?:\t| {3,})\S.*(?:\t| {3,})\S/.test(body) ||
    /\S\t\S/.test(body)
  );
}

/**
 * Whether two lines are rows of one table: equally many fields between commas or semicolons, which
 * are short or have no blank before them.
 */
export function areRows(a: string, b: string): boolean {
  return [',', ';'].some((separator) => {
    const [fields, others] = [a, b].map(fieldsBy(separator));
    if (fields.length < 2 || fields.length !== others.length) return false;
    const all = [...fields, ...others];
    if (fields.length === 2) return all.every((field) => field.trim().split(/\s+/).length <= 2);
    const isTight = [...fields.slice(1), ...others.slice(1)].every((field) => !/^\s/.test(field));
    return isTight || all.every((field) => field.trim().split(/\s+/).length <= 3);
  });
}

/** The comma of 1,284 does not part fields. */
function fieldsBy(separator: string): (line: string) => string[] {
  return (line) =>
    line
      .slice(0, looked)
      .replace(/(?<=\d),(?=\d{3}(?!\d))/g, '')
      .split(separator);
}
