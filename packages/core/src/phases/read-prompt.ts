import type { CacheView } from '../contract/cache.js';
import type { ForwardInput, ForwardOutput } from '../contract/decoder.js';
import { StateError } from '../contract/errors.js';
import { forwardInputSchema, forwardOutputSchema } from '../turn/hook-results.js';
import { runOnion } from '../turn/onion.js';
import { type ActiveTurn, layersOf } from '../turn/turn.js';
import { boundedChunk } from './cache-bounds.js';
import { applyEdits, collectEdits } from './edit-cache.js';
import { readInChunks } from './prefill.js';
import { truncateCache } from './truncate-cache.js';

/**
 * Prefill from `position` on and the cache edits that follow it. If tokens beyond the prompt were
 * read, or an edit asks for it, the last prompt token and what follows it leave the cache and that
 * token is fed again.
 */
export async function readPrompt(active: ActiveTurn, position: number): Promise<void> {
  const { turn, sequence, onPart } = active;
  const { given, answer, live } = turn;
  const { stack, signal } = given;
  const { maxPositions } = stack.decoder.shape;
  const sizes = { chunkSize: stack.chunkSize, maxPositions };
  const chunkSize = boundedChunk(sizes, mostRows(sequence.cache), answer.bounds);
  const { meter } = live;
  const { ids } = answer.kept;
  answer.promptEnd = position + ids.length;
  let beyond = 0;
  let gates: Pick<ForwardInput, 'layers' | 'layerScales'> = {};
  const forward = async (input: ForwardInput) => {
    const started = performance.now();
    const output = await sequence.forward({ signal, ...input });
    meter.addPrefill(performance.now() - started);
    return output;
  };
  const read = async (input: ForwardInput): Promise<ForwardOutput> => {
    if (ids.some((id, index) => input.ids[index] !== id))
      throw new StateError('a prefill hook changed the prompt; it may only append tokens');
    beyond += input.ids.length - ids.length;
    gates = { layers: input.layers, layerScales: input.layerScales };
    return readInChunks(input, {
      chunkSize,
      signal,
      forward,
      chunkDone: (output, tokens, total, next) => {
        onPart({ type: 'prefill', tokens, total });
        if (next > 0) {
          const edits = collectEdits(active, output, 'prefill-chunk');
          const { beyond = 0 } = answer.bounds ?? {};
          applyEdits(active, edits, 'prefill-chunk', { next: next + beyond });
        }
      },
    });
  };
  const draft = async (input: ForwardInput): Promise<ForwardOutput> => {
    if (sequence.cache.nextPosition < answer.promptEnd)
      throw new StateError('draft() reads on after the prompt; call it after next()');
    beyond += input.ids.length;
    return forward(input);
  };
  let output = await runOnion(
    layersOf<ForwardInput, ForwardOutput>(turn, (hooks) => {
      const { prefill } = hooks;
      return prefill && ((input, next) => prefill.call(hooks, input, next, draft));
    }),
    read,
    { ids, want: { logits: 'last' } },
    { name: 'prefill', step: 0, takes: forwardInputSchema, returns: forwardOutputSchema },
  );
  const edits = collectEdits(active, output, 'prefill-end');
  const last = answer.promptEnd - 1;
  if (beyond > 0 || output.logits.length === 0 || edits.some(({ edit }) => edit.refeed === 1)) {
    applyEdits(active, edits, 'prefill-end', { before: last });
    truncateCache(sequence, last);
    output = await forward({ ids: ids.subarray(ids.length - 1), ...gates });
  } else applyEdits(active, edits, 'prefill-end');
  meter.prefillDone();
  answer.promptLogits = output.logits.slice();
}

/** Rows of the fullest layer. */
function mostRows(cache: CacheView): number {
  let rows = 0;
  for (let layer = 0; layer < cache.layers; layer++) rows = Math.max(rows, cache.rows(layer));
  return rows;
}
