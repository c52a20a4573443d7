import { MiddlewareError } from './errors.js';
import { blame } from './guard.js';

export interface Layer<In, Out> {
  readonly middleware: string;
  readonly hook: (input: In, next: (input: In) => Promise<Out>) => Promise<Out>;
}

/**
 * Hooks wrapped around `core`, the first outermost. A throw becomes a MiddlewareError that names the hook's middleware; our typed errors and those from inside pass unchanged.
 * Calling `next` twice is an error, and so is not calling it.
 */
export async function runOnion<In, Out>(
  layers: readonly Layer<In, Out>[],
  core: (input: In) => Promise<Out>,
  input: In,
  phase: { readonly name: string; readonly step: number },
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
        if (called)
          throw new MiddlewareError(middleware, phase.name, phase.step, 'called next() twice');
        called = true;
        return at(index + 1, passed);
      });
      if (!called)
        throw new MiddlewareError(
          middleware,
          phase.name,
          phase.step,
          'returned without calling next(), so nothing was read; call it once',
        );
      return output;
    } catch (error) {
      if (inner.has(error)) throw error;
      const blamed = blame(error, middleware, phase.name, phase.step);
      inner.add(blamed);
      throw blamed;
    }
  };
  return at(0, input);
}
