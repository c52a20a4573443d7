import { keepSchema } from '../checks/check-edit.js';
import type { EditMoment, Phase } from '../contract/cache.js';
import type { ForwardOutput } from '../contract/decoder.js';
import { MiddlewareError } from '../contract/errors.js';
import { guard } from '../turn/guard.js';
import { checkResult } from '../turn/hook-results.js';
import type { ActiveTurn } from '../turn/turn.js';
import { combineEdits, type NamedEdit } from './cache-edits.js';

/** Asks every middleware what to keep. */
export function collectEdits(
  { turn, sequence }: ActiveTurn,
  output: ForwardOutput,
  phase: Phase,
): NamedEdit[] {
  const step = turn.answer.tokens.length;
  const moment: EditMoment = { phase, promptEnd: turn.answer.promptEnd };
  return turn.live.installed.flatMap(({ name, hooks }) => {
    const edit = guard(name, 'editCache', step, () =>
      hooks.editCache?.(sequence.cache, output, moment),
    );
    if (edit !== undefined)
      checkResult(keepSchema, edit, { middleware: name, phase: 'editCache', step });
    if (edit?.refeed && phase !== 'prefill-end')
      throw new MiddlewareError(
        name,
        'editCache',
        step,
        `asks for the last prompt token to be fed again in phase '${phase}'; that is possible at 'prefill-end' only`,
      );
    return edit ? [{ middleware: name, edit }] : [];
  });
}

/**
 * Applies edits as one. With `before`, rows from that position on go, and the row there is fed
 * again at once; `next` rows follow otherwise.
 */
export function applyEdits(
  { turn, sequence }: ActiveTurn,
  edits: readonly NamedEdit[],
  phase: Phase,
  { before, next }: { readonly before?: number; readonly next?: number } = {},
): void {
  if (edits.length === 0) return;
  const at = { name: `editCache (${phase})`, step: turn.answer.tokens.length };
  const edit = combineEdits(sequence.cache, edits, at, before);
  const rowsAhead = next === undefined ? edit.rowsAhead : Math.max(next, edit.rowsAhead ?? 0);
  sequence.edit({
    ...edit,
    // No cache holds more rows than the context.
    ...(rowsAhead !== undefined && {
      rowsAhead: Math.min(rowsAhead, turn.given.stack.decoder.shape.maxPositions),
    }),
    // Tells the engine that a row follows, so that a smaller buffer has room for it.
    ...(before !== undefined && { refeed: 1 }),
  });
}
