/** The strings that end a text: it is cut before the first of them. */
export class StopStrings {
  /** UTF-16 units of the longest one; 0 if there are none. */
  readonly longest: number;

  constructor(readonly all: readonly string[]) {
    this.longest = Math.max(0, ...all.map(({ length }) => length));
  }

  /** Where the first stop string in a text begins. */
  firstIn(text: string): number | undefined {
    const starts = this.all.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    return starts.length > 0 ? Math.min(...starts) : undefined;
  }

  /** Length of the longest end of a text that begins a stop string, which may be completed. */
  begunAtEndOf(text: string): number {
    for (let length = Math.min(this.longest - 1, text.length); length > 0; length--) {
      const end = text.slice(text.length - length);
      if (this.all.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
