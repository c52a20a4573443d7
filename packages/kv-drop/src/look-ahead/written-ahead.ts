import { type Run, StackError, type WrittenAhead } from '@pliant/core';

/**
 * Takes what an earlier middleware wrote ahead; undefined if it wrote nothing.
 * @throws StackError if no earlier middleware writes ahead
 */
export function tokensWrittenAhead(name: string, { ctx }: Run): readonly number[] | undefined {
  const { writtenAhead } = (ctx ?? {}) as Partial<WrittenAhead>;
  if (!writtenAhead)
    throw new StackError(
      name,
      'takes what an earlier middleware wrote ahead, and none does; install promptCompress with a look-ahead before it, or leave writtenAhead out of the policy',
    );
  return writtenAhead.tokens;
}
