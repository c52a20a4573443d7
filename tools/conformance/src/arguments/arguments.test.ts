import { PliantError } from '@pliant/core';
import { describe, expect, test } from 'vitest';
import { constrainTargets } from './constrain-targets.js';
import { coreTargets } from './core-targets.js';
import { engineTargets, transformersTargets } from './engine-targets.js';
import { kvDropTargets } from './kv-drop-targets.js';
import { layerSkipTargets } from './layer-skip-targets.js';
import { presetsTargets } from './presets-targets.js';
import { promptCompressTargets } from './prompt-compress-targets.js';
import { speculateTargets } from './speculate-targets.js';
import type { Target } from './target.js';
import { pathsOf, problemOf, replaceAt, wrongValues } from './wrong-values.js';

/**
 * Every wrong value at every place of the arguments: what ended in anything but an answer or a
 * typed error.
 */
async function problemsOf({ args, call }: Target): Promise<string[]> {
  const problems: string[] = [];
  for (const path of pathsOf(args()))
    for (const [label, value] of wrongValues) {
      const given = args();
      replaceAt(given, path, value);
      try {
        await call(...given);
      } catch (error) {
        const problem = problemOf(error);
        if (problem) problems.push(`${path.join('.')} = ${label}: ${problem}`);
      }
    }
  return problems;
}

describe.each([
  coreTargets,
  engineTargets,
  transformersTargets,
  kvDropTargets,
  promptCompressTargets,
  constrainTargets,
  layerSkipTargets,
  speculateTargets,
  presetsTargets,
])('$name', ({ exports, targets, leftOut }) => {
  test.each(targets)(
    '$name takes what is right and refuses what is wrong',
    { timeout: 180_000 },
    async (target) => {
      await target.call(...target.args());
      expect(await problemsOf(target)).toEqual([]);
    },
  );

  test('every exported function is called, or left out for a reason', () => {
    const isClass = (value: unknown) => /^class\b/.test(Function.prototype.toString.call(value));
    const functions = Object.keys(exports).filter(
      (name) => typeof exports[name] === 'function' && !isClass(exports[name]),
    );
    const called = new Set(targets.map(({ name }) => name.split(' ')[0]));
    expect(functions.filter((name) => !called.has(name)).sort()).toEqual(
      Object.keys(leftOut).sort(),
    );
  });
});

test('an error that nobody of ours made is found', async () => {
  const careless: Target = {
    name: 'careless',
    args: () => [{ list: [1] }],
    call: ({ list }) => list.map((item: number) => item.toFixed()),
  };
  const problems = await problemsOf(careless);
  expect(problems.some((problem) => problem.startsWith('0.list = null'))).toBe(true);
  expect(problemOf(new PliantError('x is not iterable'))).toBeDefined();
});
