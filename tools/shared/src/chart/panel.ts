import type { ChartLine, ChartPanel } from './line-chart.js';
import { escapeXml, fixed, type LineStyle, strokeOf } from './style.js';

/** In pixels; `left`, `top` and `foot` hold the labels. */
export const panelSize = { width: 340, height: 280, left: 52, top: 40, gap: 28, foot: 60 };

const shares = [0, 0.25, 0.5, 0.75, 1];
const threeDigits = (value: number) => String(Number(value.toPrecision(3)));

/** Coordinates of values in a panel. */
interface Scale {
  across(x: number): string;
  down(y: number): string;
}

/** Draws a panel with its upper left corner at the origin. */
export function drawPanel(panel: ChartPanel, styleOf: (name: string) => LineStyle): string[] {
  const { width, height } = panelSize;
  const { highest, lines, isEvenlySpaced = false } = panel;
  const values = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))];
  values.sort((a, b) => a - b);
  const [from, to] = [values[0], values[values.length - 1]];
  const share = isEvenlySpaced
    ? (x: number) => (values.indexOf(x) + 0.5) / values.length
    : (x: number) => (to > from ? (x - from) / (to - from) : 0.5);
  const scale: Scale = {
    across: (x) => fixed(width * share(x)),
    down: (y) => fixed(height * (1 - Math.min(highest, Math.max(0, y)) / highest)),
  };
  const ticks = isEvenlySpaced ? values : shares.map((part) => from + part * (to - from));
  return [
    ...drawAxes(panel, scale, ticks),
    ...lines.flatMap((line) => drawLine(line, scale, styleOf(line.name))),
  ];
}

function drawAxes(
  { title, axis, highest, isEvenlySpaced, label = threeDigits }: ChartPanel,
  { across, down }: Scale,
  ticks: readonly number[],
): string[] {
  const { width, height } = panelSize;
  return [
    `<text x="0" y="-14" font-size="14">${escapeXml(title)}</text>`,
    ...shares.flatMap((share) => {
      const y = down(share * highest);
      return [
        `<line x1="0" y1="${y}" x2="${width}" y2="${y}" stroke="#dddddd"/>`,
        `<text x="-6" y="${y}" dy="4" text-anchor="end">${escapeXml(label(share * highest))}</text>`,
      ];
    }),
    ...ticks.map(
      (x) =>
        `<text x="${across(x)}" y="${height + 20}" text-anchor="middle">${isEvenlySpaced ? x : threeDigits(x)}</text>`,
    ),
    `<text x="${width / 2}" y="${height + 42}" text-anchor="middle">${escapeXml(axis)}</text>`,
  ];
}

function drawLine({ points }: ChartLine, { across, down }: Scale, style: LineStyle): string[] {
  const path = points.map(({ x, y }) => `${across(x)},${down(y)}`).join(' ');
  return [
    `<polyline points="${path}" fill="none" ${strokeOf(style)}/>`,
    ...points.map(
      ({ x, y }) => `<circle cx="${across(x)}" cy="${down(y)}" r="3" fill="${style.colour}"/>`,
    ),
    ...points.flatMap(({ x, low, high }) =>
      low === undefined || high === undefined || low === high
        ? []
        : [
            `<line x1="${across(x)}" y1="${down(low)}" x2="${across(x)}" y2="${down(high)}" ${strokeOf(style)} stroke-opacity="0.5"/>`,
          ],
    ),
  ];
}
