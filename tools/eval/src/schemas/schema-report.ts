import { mean } from '@pliant/shared/statistics';
import { markdownTable } from '../report/table.js';
import type { PeerVerdicts } from './case-set.js';
import type { CheckedCase } from './check-case.js';
import type { MaskComparison, MaskDifference } from './compare-masks.js';
import type { GeneratedValue } from './generate-values.js';
import type { Times } from './measure-times.js';

export interface SchemaReport {
  readonly checked: readonly CheckedCase[];
  readonly peers: readonly PeerVerdicts[];
  readonly times: Times;
  readonly masks: MaskComparison | undefined;
  readonly generated: readonly GeneratedValue[];
}

/** Markdown. */
export function formatSchemaReport(report: SchemaReport): string {
  const { checked, times, masks, generated } = report;
  const parts = [verdicts(report), failures(checked)];
  parts.push(timeTable(checked, times));
  if (masks) parts.push(maskDifferences(masks));
  if (generated.length > 0) parts.push(generations(generated));
  return `${parts.join('\n\n')}\n`;
}

function verdicts({ checked, peers }: SchemaReport): string {
  const ids = new Set(checked.map(({ id }) => id));
  const engines = new Map<
    string,
    { accepts: readonly (boolean | null)[] | undefined; id: string }[]
  >();
  for (const { id, engines: own } of peers.filter(({ id }) => ids.has(id)))
    for (const [engine, { compiled, accepts }] of Object.entries(own)) {
      const rows = engines.get(engine) ?? [];
      engines.set(engine, rows);
      rows.push({ id, accepts: compiled ? accepts : undefined });
    }
  const own = checked.map(({ id, accepted, constraint }) => ({
    id,
    accepts: constraint && accepted,
  }));
  const right = new Map(checked.map((row) => [row.id, row.expected]));
  return `## Verdicts\n\n${markdownTable(
    [
      'engine',
      'compiled',
      'refused',
      'right on all instances',
      'valid rejected',
      'invalid accepted',
      'of these by format only',
    ],
    [['pliant', own] as const, ...engines].map(([engine, rows]) => {
      const compiled = rows.filter(({ accepts }) => accepts !== undefined);
      const wrong = compiled.map(({ id, accepts }) =>
        right.get(id)!.map(({ valid, formatOnly }, i) => ({
          isWrong: accepts![i] !== valid,
          valid,
          formatOnly,
        })),
      );
      const all = wrong.flat().filter(({ isWrong }) => isWrong);
      const counts = [
        compiled.length,
        rows.length - compiled.length,
        wrong.filter((instances) =>
          instances.every(({ isWrong, formatOnly }) => !isWrong || formatOnly),
        ).length,
        all.filter(({ valid }) => valid).length,
        all.filter(({ valid }) => !valid).length,
        all.filter(({ formatOnly }) => formatOnly).length,
      ];
      return [engine, ...counts.map(String)];
    }),
  )}`;
}

function failures(checked: readonly CheckedCase[]): string {
  const lines = checked.flatMap(({ id, refused, wrong }) => [
    ...(refused === undefined ? [] : [`- ${id}: refused, ${refused}`]),
    ...wrong.map(
      ({ instance, kind, failedKeyword }) =>
        `- ${id}, instance ${instance}: ${kind}${failedKeyword ? ` (${failedKeyword})` : ''}`,
    ),
  ]);
  return `## Refused or wrong\n\n${lines.length === 0 ? 'Nothing.' : lines.join('\n')}`;
}

function timeTable(checked: readonly CheckedCase[], { masks, checks }: Times): string {
  const rows = [
    ['compile, CPU ms', checked.map(({ compileMs }) => compileMs)],
    ['mask, CPU ms', masks],
    ['check, us', checks],
  ] as const;
  return `## Times\n\n${markdownTable(
    ['what', 'count', 'mean', 'p50', 'p99', 'most'],
    rows
      .filter(([, values]) => values.length > 0)
      .map(([what, values]) => {
        const sorted = [...values].sort((a, b) => a - b);
        const at = (share: number) =>
          sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
        const figures = [mean(values), at(0.5), at(0.99), sorted[sorted.length - 1]];
        return [what, String(values.length), ...figures.map((value) => value.toFixed(3))];
      }),
  )}`;
}

function maskDifferences({ positions, differences, refused }: MaskComparison): string {
  const groups = new Map<string, MaskDifference[]>();
  for (const difference of differences) {
    const { cause, place } = difference;
    const group = cause === 'forced text' ? cause : `${place}, ${cause}`;
    groups.set(group, [...(groups.get(group) ?? []), difference]);
  }
  const table = markdownTable(
    ['difference', 'positions', 'schemas'],
    [...groups].map(([group, own]) => [
      group,
      String(own.length),
      String(new Set(own.map(({ id }) => id)).size),
    ]),
  );
  const lines = [...groups]
    .filter(([group]) => group !== 'forced text')
    .flatMap(([group, own]) => firstOfEachSchema(own).map((row) => [group, row] as const))
    .map(
      ([group, { id, instance, position, before, allowed, theirs }]) =>
        `- ${group}: ${allowed}, theirs ${theirs}, ${id}, instance ${instance}, token ${position}, after ${JSON.stringify(before)}`,
    );
  return [
    `## Masks against the oracle\n\n${positions} positions, ${differences.length} differ; refused: ${refused.join(', ') || 'none'}.`,
    table,
    lines.join('\n'),
  ].join('\n\n');
}

function firstOfEachSchema(differences: readonly MaskDifference[]): MaskDifference[] {
  return [...new Map(differences.toReversed().map((row) => [row.id, row])).values()].reverse();
}

function generations(values: readonly GeneratedValue[]): string {
  const of = (test: (value: GeneratedValue) => boolean) => values.filter(test).length;
  const ended = values.filter(({ finishReason }) => finishReason === 'stop');
  const tokens = values.reduce((sum, value) => sum + value.tokens, 0);
  const saved = values.reduce((sum, value) => sum + value.forwardsSaved, 0);
  const perToken = (ms: (value: GeneratedValue) => number) =>
    values.reduce((sum, value) => sum + ms(value), 0) / tokens;
  const rows: [string, string | number][] = [
    ['values', values.length],
    ['ended', ended.length],
    ['of these valid by ajv', of(({ valid }) => valid === true)],
    ['not valid', of(({ valid }) => valid === false)],
    ['not valid with the formats of ajv-formats', of((value) => value.validWithFormats === false)],
    ['ajv cannot compile the schema', of(({ valid }) => valid === 'unknown')],
    ...(['length', 'dead-end', 'aborted'] as const).map((reason): [string, number] => [
      reason,
      of((value) => value.finishReason === reason),
    ]),
    ['tokens, mean', (tokens / values.length).toFixed(1)],
    ['checks a token, mean', mean(values.map(({ checksPerToken }) => checksPerToken)).toFixed(2)],
    ['forwards saved, of 100 tokens', ((100 * saved) / tokens).toFixed(1)],
    ['constraint, ms a token', perToken(({ constraintMs }) => constraintMs).toFixed(3)],
    ['decoding in all, ms a token', perToken(({ decodeMs }) => decodeMs).toFixed(2)],
  ];
  const notRight = values
    .filter(({ finishReason, valid }) => finishReason === 'dead-end' || valid === false)
    .map(
      ({ id, seed, finishReason, text }) =>
        `- ${id}, seed ${seed}, ${finishReason}: ${JSON.stringify(text.slice(-200))}`,
    );
  return `## Generated\n\n${markdownTable(
    ['what', ''],
    rows.map(([what, value]) => [what, String(value)]),
  )}${notRight.length > 0 ? `\n\n${notRight.join('\n')}` : ''}`;
}
