import { readFileSync } from 'node:fs';

/** The rows of a file of this folder, one JSON text a line. */
export function readCases<Row>(name: string): Row[] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}
