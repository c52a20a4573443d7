import { budgetsOf, type Measure, type Row } from './summarise.js';

const panel = { width: 300, height: 260, left: 52, top: 40, gap: 28, foot: 60 };
const legend = { width: 190, line: 20 };

const colours = [
  '#d62728',
  '#1f77b4',
  '#2ca02c',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#17becf',
  '#bcbd22',
];

interface Panel {
  readonly title: string;
  readonly measure: Measure;
  /** Of the vertical axis, from 0. */
  readonly highest: number;
  readonly label: (value: number) => string;
}

interface Style {
  readonly colour: string;
  /** An SVG dash pattern. */
  readonly dash: string;
}

/** An SVG of three panels, each measure against the budget: a line for each method, `full` across. @param axis what a budget counts */
export function drawChart(rows: readonly Row[], axis: string): string {
  const names = [...new Set(rows.map(({ method }) => method))];
  const panels = panelsFor(rows);
  const step = panel.left + panel.width + panel.gap;
  const width = panels.length * step + legend.width;
  const height = panel.top + Math.max(panel.height + panel.foot, (names.length + 1) * legend.line);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>Quality against ${axis}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels.flatMap((own, i) => drawPanel(own, i * step + panel.left, names, rows, axis)),
    `<g transform="translate(${panels.length * step} ${panel.top})">`,
    ...names.flatMap((name, i) => drawLegend(name, styleOf(name, names), i * legend.line)),
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
}

function panelsFor(rows: readonly Row[]): Panel[] {
  const percent = (value: number) => `${Math.round(100 * value)} %`;
  const largestKl = Math.max(...rows.map(({ average }) => average.kl.mean));
  return [
    { title: 'String match', measure: 'stringMatch', highest: 1, label: percent },
    {
      title: 'KL from the full run, nats',
      measure: 'kl',
      highest: Math.max(1, Math.ceil(largestKl)),
      label: String,
    },
    { title: 'Top-1 agreement with the full run', measure: 'topOne', highest: 1, label: percent },
  ];
}

function drawPanel(
  own: Panel,
  left: number,
  names: readonly string[],
  rows: readonly Row[],
  axis: string,
): string[] {
  const budgets = budgetsOf(rows);
  const points = (name: string) =>
    budgets.flatMap((budget, i) => {
      const row = rows.find(
        (other) => other.method === name && (other.budget ?? budget) === budget,
      );
      if (!row) return [];
      const share = row.average[own.measure].mean / own.highest;
      return { x: fixed(across(i, budgets.length)), y: fixed(panel.height * (1 - share)) };
    });
  return [
    `<g transform="translate(${left} ${panel.top})">`,
    ...drawAxes(own, budgets, axis),
    ...names.flatMap((name) => drawLine(points(name), styleOf(name, names))),
    '</g>',
  ];
}

function drawAxes(
  { title, highest, label }: Panel,
  budgets: readonly number[],
  axis: string,
): string[] {
  const { width, height } = panel;
  return [
    `<text x="0" y="-14" font-size="14">${title}</text>`,
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
      const y = fixed(height * (1 - share));
      return [
        `<line x1="0" y1="${y}" x2="${width}" y2="${y}" stroke="#dddddd"/>`,
        `<text x="-6" y="${y}" dy="4" text-anchor="end">${label(share * highest)}</text>`,
      ];
    }),
    ...budgets.map(
      (budget, i) =>
        `<text x="${fixed(across(i, budgets.length))}" y="${height + 20}" text-anchor="middle">${budget}</text>`,
    ),
    `<text x="${width / 2}" y="${height + 42}" text-anchor="middle">${axis}</text>`,
  ];
}

function drawLine(
  points: readonly { readonly x: string; readonly y: string }[],
  { colour, dash }: Style,
): string[] {
  const path = points.map(({ x, y }) => `${x},${y}`).join(' ');
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`,
    ...points.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
  ];
}

function drawLegend(name: string, { colour, dash }: Style, y: number): string[] {
  return [
    `<line x1="0" y1="${y}" x2="28" y2="${y}" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`,
    `<text x="36" y="${y}" dy="4">${escapeXml(name)}</text>`,
  ];
}

/** Black for `full`, grey for `random`; the others take the colours in turn, dashed once all are taken. */
function styleOf(name: string, names: readonly string[]): Style {
  if (name === 'full') return { colour: '#000000', dash: '2 3' };
  if (name === 'random') return { colour: '#999999', dash: '2 3' };
  const index = names.filter((other) => other !== 'full' && other !== 'random').indexOf(name);
  return {
    colour: colours[index % colours.length],
    dash: index < colours.length ? 'none' : '7 3',
  };
}

/** Budgets stand at equal distances, in from the borders. */
const across = (index: number, count: number) => (panel.width * (index + 0.5)) / count;

const fixed = (value: number) => value.toFixed(1);

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
