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
const controlColours = ['#000000', '#999999'];

export interface LineStyle {
  readonly colour: string;
  /** An SVG dash pattern. */
  readonly dash: string;
}

/** Controls are dotted; the other names take the colours in turn, dashed once all are taken. */
export function lineStyle(
  name: string,
  names: readonly string[],
  controls: readonly string[],
): LineStyle {
  const control = controls.indexOf(name);
  if (control >= 0) return { colour: controlColours[control % controlColours.length], dash: '2 3' };
  const index = names.filter((other) => !controls.includes(other)).indexOf(name);
  return {
    colour: colours[index % colours.length],
    dash: index < colours.length ? 'none' : '7 3',
  };
}

/** The attributes of a stroked element. */
export function strokeOf({ colour, dash }: LineStyle): string {
  return `stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"`;
}

/** A coordinate. */
export const fixed = (value: number) => value.toFixed(1);

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
