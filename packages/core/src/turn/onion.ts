import type { z } from 'zod/v4';
import { MiddlewareError } from '../contract/errors.js';
import { blame } from './guard.js';
import { checkResult } from './hook-results.js';

export interface Layer<In, Out> {
  readonly middleware: string;
  readonly hook: (input: In, next: (input: In) => Promise<Out>) => Promise<Out>;
}

export interface OnionPhase {
  readonly name: string;
  readonly step: number;
  /** Schema of what a hook passes on to `next`. */
  readonly takes: z.ZodType;
  readonly returns: z.ZodType;
}

/**
 * Hooks wrapped around `core`, the first outermost. A throw becomes a MiddlewareError that names
 * the hook's middleware; our typed errors and those from inside pass unchanged. Calling `next`
 * twice is an error, and so is not calling it.
 */
export async function runOnion<In, Out>(
  layers: readonly Layer<In, Out>[],
  core: (input: In) => Promise<Out>,
  input: In,
  { name: phase, step, takes, returns }: OnionPhase,
): Promise<Out> {
  const inner = new Set<unknown>();
  const at = async (index: number, value: In): Promise<Out> => {
    if (index === layers.length)
      return core(value).catch((error) => {
        inner.add(error);
        throw error;
      });
    const { middleware, hook } = layers[index];
    let called = false;
    try {
      const output = await hook(value, (passed) => {
        if (called) throw new MiddlewareError(middleware, phase, step, 'called next() twice');
        called = true;
        const input = checkResult(takes, passed, { middleware, phase, step }, 'passed on');
        return at(index + 1, input);
      });
      if (!called)
        throw new MiddlewareError(
          middleware,
          phase,
          step,
          'returned without calling next(), so nothing was read; call it once',
        );
      return checkResult(returns, output, { middleware, phase, step });
    } catch (error) {
      if (inner.has(error)) throw error;
      const blamed = blame(error, middleware, phase, step);
      inner.add(blamed);
      throw blamed;
    }
  };
  return at(0, input);
}
