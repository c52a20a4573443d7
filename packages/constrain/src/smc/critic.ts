import { InvalidOptionsError, show } from '@pliant/core';

/**
 * A text that a critic judges, with its tokens, an end-of-text token included. Half a character at
 * its end is not in `text` yet.
 */
export interface JudgedText {
  readonly text: string;
  readonly tokens: readonly number[];
}

/** A judge of texts: it multiplies the weight that model and constraint give a text. */
export interface Critic {
  /** Natural log of the weight of a finished text, below Infinity; -Infinity rules the text out. */
  complete(judged: JudgedText): number | Promise<number>;
  /**
   * The same of an unfinished text: a guess that decides which particles go on and is taken back at
   * the next step, so that it never changes what the result is distributed as. -Infinity, only
   * where no continuation may pass, ends the particle. Not asked with `essThreshold` 0. Absent:
   * only finished texts are judged.
   */
  prefix?(judged: JudgedText): number | Promise<number>;
}

/** @throws InvalidOptionsError if the critic returns no log-weight */
export async function judge(
  critic: Critic,
  phase: 'complete' | 'prefix',
  judged: JudgedText,
): Promise<number> {
  const logWeight = await critic[phase]!(judged);
  if (typeof logWeight !== 'number' || !(logWeight < Number.POSITIVE_INFINITY))
    throw new InvalidOptionsError('smc', [
      {
        path: `critic.${phase}`,
        message: `returned ${show(logWeight)} for ${JSON.stringify(judged.text)}; a log-weight is a number below Infinity`,
      },
    ]);
  return logWeight;
}
