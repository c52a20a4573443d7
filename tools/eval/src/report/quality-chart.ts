import { type ChartPanel, drawLineChart } from '@pliant/shared/chart';
import { budgetsOf, type Measure, type Row } from './summarise.js';

interface MeasurePanel extends Pick<ChartPanel, 'title' | 'highest' | 'label'> {
  readonly measure: Measure;
}

/**
 * Draws each measure against the budget, with standard errors: a line for each method, `full`
 * across.
 * @param axis what a budget counts
 */
export function drawChart(rows: readonly Row[], axis: string): string {
  const budgets = budgetsOf(rows);
  const methods = [...new Set(rows.map(({ method }) => method))];
  const panelOf = ({ measure, ...panel }: MeasurePanel): ChartPanel => ({
    ...panel,
    axis,
    isEvenlySpaced: true,
    lines: methods.map((name) => ({
      name,
      points: budgets.flatMap((x) => {
        const row = rows.find((other) => other.method === name && (other.budget ?? x) === x);
        if (!row) return [];
        const { mean, standardError } = row.average[measure];
        return [{ x, y: mean, low: mean - standardError, high: mean + standardError }];
      }),
    })),
  });
  return drawLineChart({
    title: `Quality against ${axis}`,
    panels: panelsFor(rows).map(panelOf),
    controls: ['full', 'random'],
  });
}

function panelsFor(rows: readonly Row[]): MeasurePanel[] {
  const label = (value: number) => `${Math.round(100 * value)} %`;
  const largestKl = Math.max(...rows.map(({ average }) => average.kl.mean));
  return [
    { title: 'String match', measure: 'stringMatch', highest: 1, label },
    {
      title: 'KL from the full run, nats',
      measure: 'kl',
      highest: Math.max(1, Math.ceil(largestKl)),
    },
    { title: 'Top-1 agreement with the full run', measure: 'topOne', highest: 1, label },
  ];
}
