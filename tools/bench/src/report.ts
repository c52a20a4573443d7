import { isMet, type Row } from './measure.js';

/** A Markdown table. */
export function formatTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { median, quartiles, count } = row.value;
    const spread = count > 1 ? `${round(quartiles[0])} to ${round(quartiles[1])}` : '';
    return `| ${row.what} | ${round(median)} ${row.unit} | ${spread} | ${count} | ${formatTarget(row)} |`;
  });
  return [
    '| measured | median | middle half | samples | target |',
    '|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function formatTarget(row: Row): string {
  if (!row.target) return '';
  const [word, value] =
    'atLeast' in row.target ? ['at least', row.target.atLeast] : ['at most', row.target.atMost];
  return `${word} ${value}: ${isMet(row) ? 'met' : '**missed**'}`;
}

const round = (value: number) => Number(value.toPrecision(value >= 1000 ? 4 : 3));
