import type { Estimate } from '@pliant/shared/statistics';
import { estimate } from '@pliant/shared/statistics';
import { markdownTable } from '../../report/table.js';
import type { RealAnswer } from './results.js';
import { type RealRow, summariseReal } from './summarise-real.js';

/** A property that tells answers apart, in a table of its own. */
export interface Breakdown {
  /** As in "by form". */
  readonly name: string;
  readonly groups: readonly string[];
  /** @param id of a question */
  groupOf(id: string): string;
}

/** Methods that the others are compared with. */
const references = ['plain', 'promptCompress', 'no-draft'];

/**
 * Markdown: for each length a table of all methods with `plain`, then their right answers by each
 * breakdown.
 */
export function formatReal(
  answers: readonly RealAnswer[],
  breakdowns: readonly Breakdown[],
): string {
  const rows = summariseReal(answers, references);
  const keeps = [...new Set(rows.flatMap(({ keep }) => keep ?? []))].sort((a, b) => a - b);
  return keeps
    .map((keep) => {
      const own = rows.filter((row) => row.keep === null || row.keep === keep);
      const tables = breakdowns.map((breakdown) => {
        const table = byGroup(own, answers, breakdown);
        return `Right answers by ${breakdown.name}, %:\n\n${table}\n`;
      });
      const title = keep > 1 ? `${keep} tokens or rows` : `${keep * 100} % of the prompt`;
      return [`## ${title}\n\n${overall(own)}\n`, ...tables].join('\n');
    })
    .join('\n');
}

function overall(rows: readonly RealRow[]): string {
  return markdownTable(
    [
      'method',
      'questions',
      'right, %',
      ...references.map((reference) => `less ${reference}`),
      'evidence read, %',
      'tokens read, median',
      'first token, plain / method',
      'failed',
    ],
    rows.map((row) => [
      row.method,
      String(row.questions),
      percent(row.right),
      ...references.map((reference) => percent(row.less[reference])),
      row.evidence === undefined ? '' : (row.evidence * 100).toFixed(0),
      row.tokensKept === undefined ? '' : String(row.tokensKept),
      row.speedup === undefined ? '' : row.speedup.toFixed(2),
      String(row.errors),
    ]),
  );
}

function byGroup(
  rows: readonly RealRow[],
  answers: readonly RealAnswer[],
  { groups, groupOf }: Breakdown,
): string {
  const asked = groups.filter((group) => answers.some(({ id }) => groupOf(id) === group));
  const lines = rows.map(({ method, keep }) => {
    const own = answers.filter((answer) => answer.method === method && answer.keep === keep);
    return [
      method,
      ...asked.map((group) => {
        const right = own
          .filter(({ id }) => groupOf(id) === group)
          .map(({ right }) => Number(right));
        return right.length > 0 ? percent(estimate(right)) : '';
      }),
    ];
  });
  return markdownTable(['method', ...asked], lines);
}

function percent(value: Estimate | undefined): string {
  if (!value) return '';
  return `${(value.mean * 100).toFixed(1)} ± ${(value.standardError * 100).toFixed(1)}`;
}
