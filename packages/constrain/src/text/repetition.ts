/** Writes steps from the end of a program to its beginning. */
export interface Repetition {
  readonly min: number;
  readonly max: number;
  /** The step after the repetition. */
  readonly next: number;
  /**
   * Writes the repeated part, with a step that follows it; its first step, or `after` where the
   * part is empty.
   */
  readonly part: (after: number) => number;
  /** Writes a step that goes on at either of two; -1: not known yet. */
  readonly fork: (first: number, second: number) => number;
  /** Lets a fork go on at `first`. */
  readonly redirect: (fork: number, first: number) => void;
}

/** Writes a part between `min` and `max` times; the first step. */
export function repetition({ min, max, next, part, fork, redirect }: Repetition): number {
  let rest: number;
  if (max === Number.POSITIVE_INFINITY) {
    rest = fork(-1, next);
    redirect(rest, part(rest));
  } else {
    // a{0,3} is (a(a(a)?)?)?: each way out is one step, however large the count.
    rest = copies(max - min, next, (after) => fork(part(after), next));
  }
  return copies(min, rest, part);
}

function copies(count: number, last: number, write: (after: number) => number): number {
  let entry = last;
  for (let i = 0; i < count; i++) {
    const before = write(entry);
    // A part that writes nothing is empty: repeating it changes nothing.
    if (before === entry) break;
    entry = before;
  }
  return entry;
}
