export { drawLineChart } from './draw-line-chart.js';
export type { ChartLine, ChartPanel, ChartPoint, LineChart } from './line-chart.js';
