import { describe, expect, it } from 'vitest';
import { drawLineChart } from './draw-line-chart.js';

const line = (name: string, ...values: number[]) => ({
  name,
  points: values.map((y, i) => ({ x: [100, 1024, 4096][i], y })),
});
const panel = { title: 'Marks', axis: 'rows', highest: 2, lines: [line('a & b', 2, 1, 0)] };
const pointsOf = (svg: string) =>
  [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, path]) =>
    path.split(' ').map((point) => point.split(',').map(Number)),
  );

describe('drawLineChart', () => {
  it('closes every tag that it opens, and escapes names', () => {
    const svg = drawLineChart({ title: 'a < b', panels: [panel, panel, panel, panel] });
    const open: string[] = [];
    for (const [, closing, name, attributes] of svg.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
      if (closing) expect(open.pop()).toBe(name);
      else if (!attributes.endsWith('/')) open.push(name);
      expect(attributes.replace(/ [\w:-]+="[^"<&]*"/g, '')).toMatch(/^\/?$/);
    }
    expect(open).toEqual([]);
    expect(svg).toContain('>a &amp; b<');
    expect(svg.match(/<polyline/g)).toHaveLength(4);
  });

  it('has a linear scale, or equal distances with the values as labels', () => {
    const [linear] = pointsOf(drawLineChart({ title: '', panels: [panel] }));
    expect(linear.map(([, y]) => y)).toEqual([0, 140, 280]);
    expect(linear.map(([x]) => x)).toEqual([0, 78.6, 340]);
    const svg = drawLineChart({ title: '', panels: [{ ...panel, isEvenlySpaced: true }] });
    expect(pointsOf(svg)[0].map(([x]) => x)).toEqual([56.7, 170, 283.3]);
    for (const label of ['100', '1024', '4096']) expect(svg).toContain(`>${label}</text>`);
  });

  it('draws an error bar where the noise is known and not 0', () => {
    const points = [
      { x: 1, y: 1, low: 0.5, high: 1.5 },
      { x: 2, y: 1, low: 1, high: 1 },
      { x: 3, y: 1 },
    ];
    const lines = [{ name: 'a', points }];
    const svg = drawLineChart({ title: '', panels: [{ ...panel, lines }] });
    expect(svg.match(/stroke-opacity/g)).toHaveLength(1);
    expect(svg).toContain('y1="210.0" x2="0.0" y2="70.0"');
  });

  it('gives a name the same colour in all panels, controls none of the others', () => {
    const lines = [line('full', 1, 1), line('a', 1, 0), line('random', 0, 0), line('b', 1, 1)];
    const svg = drawLineChart({
      title: '',
      panels: [
        { ...panel, lines },
        { ...panel, lines: lines.toReversed() },
      ],
      controls: ['full', 'random'],
    });
    const colours = [...svg.matchAll(/<polyline [^>]*stroke="(#\w+)"/g)].map(
      ([, colour]) => colour,
    );
    const [full, a, random, b] = colours;
    expect(colours.slice(4)).toEqual([b, random, a, full]);
    expect([full, random]).toEqual(['#000000', '#999999']);
    expect(new Set(colours).size).toBe(4);
  });
});
