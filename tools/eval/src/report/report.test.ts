import { describe, expect, it } from 'vitest';
import type { PromptAnswers } from '../evaluate/answers.js';
import { drawChart } from './quality-chart.js';
import { formatScores } from './scores-file.js';
import type { Row } from './summarise.js';
import { formatTables } from './table.js';

const estimate = (mean: number, standardError = 0.01) => ({ mean, standardError });
const row = (method: string, budget: number | null, mark: number): Row => ({
  method,
  budget,
  average: { stringMatch: estimate(mark), kl: estimate(1 - mark, 0.0123), topOne: estimate(mark) },
  standing: {},
  perTask: { 'a-task': estimate(mark, 0.05) },
});
const rows: Row[] = [
  row('full', null, 0.9),
  {
    ...row('specKV', 128, 0.8),
    standing: { stringMatch: 'best', kl: 'within' },
  },
  {
    ...row('a & <b>', 128, 0.7),
    difference: { stringMatch: estimate(-0.1), kl: estimate(0.1), topOne: estimate(-0.1) },
  },
  row('specKV', 256, 0.85),
];

describe('formatTables', () => {
  const tables = formatTables(rows, 'specKV', 'rows');

  it('has a section for each budget, with the full cache in each', () => {
    expect(tables.match(/^## \d+ rows$/gm)).toEqual(['## 128 rows', '## 256 rows']);
    expect(tables.match(/^\| full \|/gm)).toHaveLength(4);
  });

  it('marks the best and what is within its standard error', () => {
    expect(tables).toContain('| specKV | **80.0 ± 1.0** | 0.200 ± 0.012 * | 80.0 ± 1.0 |  |  |  |');
    expect(tables).toContain(
      '| 70.0 ± 1.0 | 0.300 ± 0.012 | 70.0 ± 1.0 | -10.0 ± 1.0 | 0.100 ± 0.010 |',
    );
  });

  it('has string match by task', () => {
    expect(tables).toContain('| method | a-task |\n|---|---|\n| full | 90.0 ± 5.0 |');
  });
});

describe('drawChart', () => {
  const svg = drawChart(rows, 'rows');

  it('closes every tag that it opens', () => {
    const open: string[] = [];
    for (const [, closing, name, attributes] of svg.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
      if (closing) expect(open.pop()).toBe(name);
      else if (!attributes.endsWith('/')) open.push(name);
      expect(attributes.replace(/ [\w:-]+="[^"<&]*"/g, '')).toMatch(/^\/?$/);
    }
    expect(open).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it('names every method, and draws a line for each in each panel', () => {
    for (const name of ['full', 'specKV', 'a &amp; &lt;b&gt;']) expect(svg).toContain(`>${name}<`);
    expect(svg.match(/<polyline/g)).toHaveLength(9);
    expect(drawChart(rows, 'rows')).toBe(svg);
  });

  it('draws the full cache across and the better higher', () => {
    const points = [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, path]) =>
      path.split(' ').map((point) => Number(point.split(',')[1])),
    );
    const [full, specKV] = points;
    expect(full[0]).toBe(full[1]);
    expect(specKV[0]).toBeGreaterThan(specKV[1]);
    expect(specKV[1]).toBeGreaterThan(full[1]);
  });
});

it('formatScores leaves the texts out', () => {
  const answer = {
    task: 'a-task',
    seed: 1,
    method: 'specKV',
    budget: 128,
    text: 'secret',
    stringMatch: 1 / 3,
    kl: 0.123456,
    topOne: 1,
  };
  const prompt: PromptAnswers = {
    task: 'a-task',
    seed: 1,
    promptTokens: 10,
    answers: ['x'],
    answerTokens: 2,
    marked: [answer, { ...answer, method: 'full', budget: null }],
  };
  expect(formatScores([prompt, prompt]).split('\n')).toEqual([
    'task,seed,method,budget,stringMatch,kl,topOne',
    'a-task,1,specKV,128,0.3333,0.1235,1',
    'a-task,1,full,,0.3333,0.1235,1',
    'a-task,1,specKV,128,0.3333,0.1235,1',
    'a-task,1,full,,0.3333,0.1235,1',
    '',
  ]);
});
