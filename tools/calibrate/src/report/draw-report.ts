import { type ChartLine, type ChartPanel, drawLineChart } from '@pliant/shared/chart';
import type { Interval } from '@pliant/shared/statistics';
import type { Report } from './make-report.js';

/**
 * A method's line: `plain` of the full model, then a value with its noise for each number of
 * skipped layers.
 */
interface Curve {
  readonly title: string;
  /** End of the vertical axis. */
  readonly highest: number;
  readonly lines: readonly {
    readonly name: string;
    readonly plain: Interval;
    readonly values: readonly { readonly skip: number; readonly value: Interval }[];
  }[];
}

const exactly = (value: number): Interval => ({ mean: value, low: value, high: value });

/**
 * KL, agreement and, where it is known, the task score: against the number of skipped layers, and
 * against speed where that is known.
 */
export function drawReport(report: Report): string {
  const speeds = new Map([[0, 1], ...(report.speeds?.gates ?? [])]);
  const curves = [
    divergenceCurve(report, 'kl', 'KL from the full model, nats', 4),
    divergenceCurve(report, 'agreement', 'Same top token as the full model, share', 1),
    ...(report.scores ? [scoreCurve(report.scores)] : []),
  ];
  const panels = [
    ...curves.map((curve) => panelOf(curve, 'layers skipped while decoding', (skip) => skip)),
    ...(speeds.size > 1
      ? curves.map((curve) =>
          panelOf(curve, 'decode speed / plain run, by gates', (skip) => speeds.get(skip)),
        )
      : []),
  ];
  return drawLineChart({ title: 'Quality of skipping layers while decoding', panels });
}

function divergenceCurve(
  { rows }: Report,
  measure: 'kl' | 'agreement',
  title: string,
  highest: number,
): Curve {
  const names = [...new Set(rows.map(({ method }) => method))].filter(
    (name) => !name.includes('exchanged'),
  );
  const lines = names.map((name) => ({
    name,
    plain: exactly(measure === 'kl' ? 0 : 1),
    values: rows
      .filter(({ method }) => method === name)
      .map((row) => ({ skip: row.skip, value: row[measure] })),
  }));
  return { title, highest, lines };
}

function scoreCurve(scores: NonNullable<Report['scores']>): Curve {
  const plain = scores.find(({ skip }) => skip === 0)?.score ?? exactly(1);
  const skipping = scores.filter(({ skip }) => skip > 0);
  const lines = [...new Set(skipping.map(({ method }) => method))].map((name) => ({
    name,
    plain,
    values: skipping
      .filter(({ method }) => method === name)
      .map(({ skip, score }) => ({ skip, value: score })),
  }));
  return { title: 'Task score, share of right answers', highest: 1, lines };
}

/** @param across where a number of skipped layers stands; undefined: nowhere */
function panelOf(
  { title, highest, lines }: Curve,
  axis: string,
  across: (skip: number) => number | undefined,
): ChartPanel {
  return {
    title,
    axis,
    highest,
    lines: lines.map(
      ({ name, plain, values }): ChartLine => ({
        name,
        points: [{ skip: 0, value: plain }, ...values].flatMap(({ skip, value }) => {
          const x = across(skip);
          return x === undefined ? [] : [{ x, y: value.mean, low: value.low, high: value.high }];
        }),
      }),
    ),
  };
}
