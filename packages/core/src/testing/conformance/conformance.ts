import { StackError } from '../../contract/errors.js';
import { endingCases } from './conformance-endings.js';
import { outputCases } from './conformance-output.js';
import { proposalCases } from './conformance-proposals.js';
import { requirementCases } from './conformance-requirements.js';
import { ConformanceStack, check, installAll } from './conformance-stack.js';
import { stateCases } from './conformance-state.js';
import type { ConformanceCase, ConformanceSubject } from './conformance-subject.js';

/**
 * The matrix that every middleware passes, on the mock decoder, for any test runner: neutral it
 * changes nothing; active it is deterministic, the same by `generate`, `stream` and single steps,
 * keeps its state per generation, copies it with a fork, follows tokens taken back; an abort or
 * error at any point leaves no sequence open; a missing capability or a wrong option is refused.
 *
 * ```ts
 * import { conformanceCases } from '@pliant/core/testing';
 * import { test } from 'vitest';
 * import { kvDrop, streamingLLM } from './index.js';
 *
 * const policy = streamingLLM({ sinks: 4 });
 * const cases = conformanceCases({
 *   name: 'kv-drop',
 *   neutral: () => kvDrop({ policy, budget: 4096 }),
 *   active: () => kvDrop({ policy, budget: 24 }),
 *   refuses: [() => kvDrop({ policy, budget: 0 })],
 *   losslessWithProposals: true,
 * });
 * for (const { name, run } of cases) test(name, run);
 * ```
 */
export function conformanceCases(subject: ConformanceSubject): ConformanceCase[] {
  const stack = new ConformanceStack([subject]);
  return named(stack, [...requirementCases(subject), ...stackCases(stack)]);
}

/**
 * The matrix for two middlewares in one pipeline, in both orders. A pair that one of them lists in
 * `conflicts` must be refused by `use()` instead.
 *
 * ```ts
 * for (const { name, run } of pairCases(kvDropSubject, layerSkipSubject)) test(name, run);
 * ```
 */
export function pairCases(
  first: ConformanceSubject,
  second: ConformanceSubject,
): ConformanceCase[] {
  return [
    [first, second],
    [second, first],
  ].flatMap((subjects) => {
    const stack = new ConformanceStack(subjects);
    return named(stack, declareConflict(stack) ? [conflictCase(stack)] : stackCases(stack));
  });
}

function stackCases(stack: ConformanceStack): ConformanceCase[] {
  return [
    ...outputCases(stack),
    ...stateCases(stack),
    ...endingCases(stack),
    ...proposalCases(stack),
  ];
}

function declareConflict(stack: ConformanceStack): boolean {
  const [first, second] = stack.middlewares('active', stack.makeDecoder());
  return Boolean(first.conflicts?.includes(second.name) || second.conflicts?.includes(first.name));
}

function conflictCase(stack: ConformanceStack): ConformanceCase {
  return {
    name: 'the declared conflict is refused by use()',
    run: async () => {
      const decoder = stack.makeDecoder();
      let refused = false;
      try {
        installAll(decoder, undefined, stack.middlewares('active', decoder));
      } catch (error) {
        refused = StackError.isInstance(error);
      }
      check(refused, 'use() accepted both');
    },
  };
}

/** Puts the middlewares' names before the case's name and before whatever it throws. */
function named(stack: ConformanceStack, cases: readonly ConformanceCase[]): ConformanceCase[] {
  return cases.map(({ name, run }) => ({
    name: `${stack.label}: ${name}`,
    run: async () => {
      try {
        await run();
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`${stack.label}: ${name}: ${message}`, { cause: error });
      }
    },
  }));
}
