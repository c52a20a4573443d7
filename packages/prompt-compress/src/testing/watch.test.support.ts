import type { EncodedPrompt, Middleware, WrittenAhead } from '@pliant/core';

/** Hands over the prompt as the middlewares before this one left it. */
export function watchPrompt(see: (prompt: EncodedPrompt) => void): Middleware<'watch-prompt'> {
  return {
    specificationVersion: 'v1',
    name: 'watch-prompt',
    requires: [],
    create: () => ({
      prompt(given, next) {
        see(given);
        return next(given);
      },
    }),
  };
}

/** Hands over what a draft wrote ahead, as it stands when the prompt is read. */
export function watchWrittenAhead(
  see: (tokens: readonly number[] | undefined) => void,
): Middleware<'watch-written-ahead', never, WrittenAhead> {
  return {
    specificationVersion: 'v1',
    name: 'watch-written-ahead',
    requires: [],
    create: ({ ctx }) => ({
      prefill(input, next) {
        see(ctx.writtenAhead.tokens);
        return next(input);
      },
    }),
  };
}
