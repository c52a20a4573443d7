import type { LineChart } from './line-chart.js';
import { drawPanel, panelSize } from './panel.js';
import { escapeXml, fixed, type LineStyle, lineStyle, strokeOf } from './style.js';

const columnsAtMost = 3;
const legend = { width: 230, line: 20 };

/** Draws an SVG of panels. A line has the same colour in all of them; one legend names them. */
export function drawLineChart({ title, panels, controls = [] }: LineChart): string {
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  const styleOf = (name: string) => lineStyle(name, names, controls);
  const { left, top } = panelSize;
  const columns = Math.min(panels.length, columnsAtMost);
  const [column, row] = [
    left + panelSize.width + panelSize.gap,
    top + panelSize.height + panelSize.foot,
  ];
  const width = columns * column + legend.width;
  const height = Math.max(
    Math.ceil(panels.length / columns) * row,
    top + (names.length + 1) * legend.line,
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels.flatMap((panel, i) => [
      `<g transform="translate(${(i % columns) * column + left} ${Math.floor(i / columns) * row + top})">`,
      ...drawPanel(panel, styleOf),
      '</g>',
    ]),
    `<g transform="translate(${columns * column} ${top})">`,
    ...names.flatMap((name, i) => drawLegend(name, styleOf(name), i * legend.line)),
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
}

function drawLegend(name: string, style: LineStyle, y: number): string[] {
  return [
    `<line x1="0" y1="${fixed(y)}" x2="28" y2="${fixed(y)}" ${strokeOf(style)}/>`,
    `<text x="36" y="${fixed(y)}" dy="4">${escapeXml(name)}</text>`,
  ];
}
