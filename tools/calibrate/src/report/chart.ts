import type { Interval } from '../fit/bootstrap.js';

/** A value with its noise. */
export interface ChartPoint extends Interval {
  readonly x: number;
}

export interface ChartLine {
  readonly name: string;
  readonly points: readonly ChartPoint[];
}

export interface Panel {
  readonly title: string;
  readonly axis: string;
  readonly lines: readonly ChartLine[];
  /** Of the vertical axis, which begins at 0. */
  readonly highest: number;
}

const size = {
  width: 380,
  height: 300,
  left: 52,
  top: 40,
  gap: 24,
  foot: 60,
  legend: 230,
  columns: 3,
  line: 20,
};
const colours = [
  '#1f77b4',
  '#d62728',
  '#2ca02c',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#17becf',
  '#bcbd22',
];

/** An SVG of panels, three side by side, a line for each name with whiskers for its noise, the same colours in all. */
export function drawPanels(title: string, panels: readonly Panel[]): string {
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  const step = size.left + size.width + size.gap;
  const columns = Math.min(panels.length, size.columns);
  const width = columns * step + size.legend;
  const row = size.top + size.height + size.foot;
  const rows = Math.ceil(panels.length / columns);
  const height = Math.max(rows * row, size.top + (names.length + 1) * size.line);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels.map((panel, i) => {
      const left = (i % columns) * step + size.left;
      return drawPanel(panel, names, left, Math.floor(i / columns) * row + size.top);
    }),
    ...names.map((name, i) => {
      const y = size.top + i * size.line;
      return `<g transform="translate(${columns * step} ${y})"><line x1="0" y1="0" x2="24" y2="0" ${stroke(name, names)}/><text x="32" y="4">${escapeXml(name)}</text></g>`;
    }),
    '</svg>',
  ].join('\n')}\n`;
}

function drawPanel(panel: Panel, names: readonly string[], left: number, top: number): string {
  const { width, height } = size;
  const values = panel.lines.flatMap(({ points }) => points.map(({ x }) => x));
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const across = (x: number) => fixed(to > from ? ((x - from) / (to - from)) * width : width / 2);
  const down = (y: number) =>
    fixed(height * (1 - Math.min(panel.highest, Math.max(0, y)) / panel.highest));
  const shares = [0, 0.25, 0.5, 0.75, 1];
  return [
    `<g transform="translate(${left} ${top})">`,
    `<text x="0" y="-14" font-size="14">${escapeXml(panel.title)}</text>`,
    ...shares.map((share) => {
      const y = down(share * panel.highest);
      return `<line x1="0" y1="${y}" x2="${width}" y2="${y}" stroke="#dddddd"/><text x="-6" y="${y}" dy="4" text-anchor="end">${Number((share * panel.highest).toPrecision(3))}</text>`;
    }),
    ...shares.map((share) => {
      const x = from + share * (to - from);
      return `<text x="${across(x)}" y="${height + 20}" text-anchor="middle">${Number(x.toPrecision(3))}</text>`;
    }),
    `<text x="${width / 2}" y="${height + 42}" text-anchor="middle">${escapeXml(panel.axis)}</text>`,
    ...panel.lines.flatMap(({ name, points }) => [
      `<polyline points="${points.map(({ x, mean }) => `${across(x)},${down(mean)}`).join(' ')}" fill="none" ${stroke(name, names)}/>`,
      ...points.map(
        ({ x, low, high }) =>
          `<line x1="${across(x)}" y1="${down(low)}" x2="${across(x)}" y2="${down(high)}" ${stroke(name, names)} stroke-opacity="0.5"/>`,
      ),
    ]),
    '</g>',
  ].join('\n');
}

/** The names take the colours in turn, dashed once all are taken. */
function stroke(name: string, names: readonly string[]): string {
  const index = names.indexOf(name);
  const dash = index < colours.length ? 'none' : '6 3';
  return `stroke="${colours[index % colours.length]}" stroke-width="1.5" stroke-dasharray="${dash}"`;
}

const fixed = (value: number) => value.toFixed(1);

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
