/** Writes steps from the end of a program to its beginning. */
export interface Repetition {
  readonly min: number;
  readonly max: number;
  /** The step behind the repetition. */
  readonly next: number;
  /** Writes the repeated part, with a step that follows it; its first step, or `after` where the part is empty. */
  readonly part: (after: number) => number;
  /** Writes a step that goes on at either of two. */
  readonly fork: (first: number, second: number) => number;
  /** Writes a step that goes on at `second`, or at what `first` writes when it is told where that step stands. */
  readonly loop: (first: (fork: number) => number, second: number) => number;
}

/** Writes a part between `min` and `max` times; the first step. */
export function repetition({ min, max, next, part, fork, loop }: Repetition): number {
  const rest =
    max === Number.POSITIVE_INFINITY
      ? loop(part, next)
      : // a{0,3} is (a(a(a)?)?)?: each way out is one step, however large the count.
        copies(max - min, next, (after) => fork(part(after), next));
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
