import type { Estimate } from '@pliant/shared/statistics';
import { budgetsOf, type Measure, type Row, type Standing } from './summarise.js';

/** Digits after the point, and what a value is multiplied by. */
const formats: { readonly [measure in Measure]: readonly [digits: number, factor: number] } = {
  stringMatch: [1, 100],
  kl: [3, 1],
  topOne: [1, 100],
};

/**
 * Markdown: for each budget the averages of every method, then string match by task. `full` is in
 * every table.
 * @param axis what a budget counts
 */
export function formatTables(rows: readonly Row[], referenceMethod: string, axis: string): string {
  const full = rows.filter(({ budget }) => budget === null);
  return budgetsOf(rows)
    .map((budget) => {
      const own = [...full, ...rows.filter((row) => row.budget === budget)];
      return `## ${budget} ${axis}\n\n${averages(own, referenceMethod)}\n\nString match by task, %:\n\n${byTask(own)}\n`;
    })
    .join('\n');
}

function averages(rows: readonly Row[], referenceMethod: string): string {
  const lines = rows.map(({ method, average, standing, difference }) => [
    method,
    mark(format(average.stringMatch, 'stringMatch'), standing.stringMatch),
    mark(format(average.kl, 'kl'), standing.kl),
    mark(format(average.topOne, 'topOne'), standing.topOne),
    difference ? format(difference.stringMatch, 'stringMatch') : '',
    difference ? format(difference.kl, 'kl') : '',
    difference ? format(difference.topOne, 'topOne') : '',
  ]);
  return markdownTable(
    [
      'method',
      'string match, %',
      'KL, nats',
      'top-1, %',
      `less ${referenceMethod}: string match`,
      'KL',
      'top-1',
    ],
    lines,
  );
}

function byTask(rows: readonly Row[]): string {
  const tasks = Object.keys(rows[0].perTask);
  return markdownTable(
    ['method', ...tasks],
    rows.map(({ method, perTask }) => [
      method,
      ...tasks.map((task) => format(perTask[task], 'stringMatch')),
    ]),
  );
}

/** A table in Markdown. */
export function markdownTable(
  head: readonly string[],
  lines: readonly (readonly string[])[],
): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(head), `|${'---|'.repeat(head.length)}`, ...lines.map(row)].join('\n');
}

function format({ mean, standardError }: Estimate, measure: Measure): string {
  const [digits, factor] = formats[measure];
  return `${(mean * factor).toFixed(digits)} ± ${(standardError * factor).toFixed(digits)}`;
}

/** The best is bold; an asterisk marks what is within its standard error. */
function mark(text: string, standing: Standing | undefined): string {
  if (standing === 'best') return `**${text}**`;
  return standing === 'within' ? `${text} *` : text;
}
