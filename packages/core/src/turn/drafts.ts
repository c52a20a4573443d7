import type { Sequence } from '../contract/decoder.js';
import { StateError } from '../contract/errors.js';
import type { Turn } from './turn.js';

/**
 * Wraps a draft's sequence and its forks: their memory is metered, and they are closed when the
 * turn ends.
 */
export function trackDraft(sequence: Sequence, turn: Turn): Sequence {
  const { given, live } = turn;
  if (live.ended) {
    sequence.close();
    throw new StateError('the generation ended while a draft was being opened');
  }
  const tracked: Sequence = {
    cache: sequence.cache,
    forward: async (input) => {
      const output = await sequence.forward({ signal: given.signal, ...input });
      live.meter.sampleBytes();
      return output;
    },
    edit: (edit) => sequence.edit(edit),
    fork: async (edit) => trackDraft(await sequence.fork(edit), turn),
    close: () => {
      live.meter.unfollow(tracked);
      live.drafts.delete(tracked);
      sequence.close();
    },
  };
  live.meter.follow(tracked);
  live.drafts.set(tracked, sequence);
  return tracked;
}

/**
 * Takes a draft over from the turn before; it stays that turn's until it ends, since the new turn
 * may yet be refused.
 * @throws StateError for a sequence that the turn before does not hold
 */
export function adoptDraft(draft: Sequence, turn: Turn, before: Turn | undefined): Sequence {
  const known = turn.live.adopted.get(draft);
  if (known) return known;
  const sequence = before?.live.drafts.get(draft);
  if (!sequence)
    throw new StateError(
      'adopt() takes an open sequence of the turn before; call it in nextTurn, with what open() or fork() gave',
    );
  const tracked = trackDraft(sequence, turn);
  turn.live.adopted.set(draft, tracked);
  return tracked;
}
