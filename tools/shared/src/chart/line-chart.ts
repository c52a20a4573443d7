/** A point of a line, with its noise if that is known. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** Ends of the error bar, which is drawn if both are given and differ. */
  readonly low?: number;
  readonly high?: number;
}

export interface ChartLine {
  readonly name: string;
  /** In the order in which they are joined. */
  readonly points: readonly ChartPoint[];
}

export interface ChartPanel {
  readonly title: string;
  /** Label of the horizontal axis. */
  readonly axis: string;
  readonly lines: readonly ChartLine[];
  /** End of the vertical axis, which begins at 0. Values beyond either end are drawn at it. */
  readonly highest: number;
  /**
   * Whether the values of x stand at equal distances, each with its label, instead of on a linear
   * scale. Default false.
   */
  readonly isEvenlySpaced?: boolean;
  /** Writes a value of the vertical axis. Default: three digits. */
  readonly label?: (value: number) => string;
}

export interface LineChart {
  readonly title: string;
  /** Three side by side. */
  readonly panels: readonly ChartPanel[];
  /** Lines that the others are compared with: dotted, the first black, the second grey. */
  readonly controls?: readonly string[];
}
