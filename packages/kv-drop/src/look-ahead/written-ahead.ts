import { type Run, StackError, type WrittenAhead } from '@pliant/core';

/**
 * What a middleware before wrote ahead; undefined where it wrote nothing.
 * @throws StackError where none is there to write
 */
export function tokensWrittenAhead(name: string, { ctx }: Run): readonly number[] | undefined {
  const { writtenAhead } = (ctx ?? {}) as Partial<WrittenAhead>;
  if (!writtenAhead)
    throw new StackError(
      name,
      'takes what a middleware before it wrote ahead, and none does; install promptCompress with a look-ahead before it, or leave writtenAhead out of the policy',
    );
  return writtenAhead.tokens;
}
