/** Says how far a run is: at most every few seconds, on standard error. */
export class Progress {
  #done = 0;
  #said = 0;
  readonly #started = performance.now();

  /** @param total measurements that are expected; those that the journal knows cost nothing */
  constructor(private readonly total: number) {}

  /** Says how long the whole would take, by what was measured so far. */
  estimate(): void {
    const minutes = (this.total * this.#mean()) / 60_000;
    console.error(
      `${this.#mean().toFixed(0)} ms a measurement: ${this.total} of them take ${minutes.toFixed(0)} minutes`,
    );
  }

  readonly measured = (): void => {
    this.#done++;
    const now = performance.now();
    if (now - this.#said < 10_000) return;
    this.#said = now;
    const minutes = (now - this.#started) / 60_000;
    console.error(
      `${this.#done} measurements in ${minutes.toFixed(1)} minutes, ${this.#mean().toFixed(0)} ms each, of ${this.total} at most`,
    );
  };

  /** Milliseconds of one measurement that was run. */
  #mean(): number {
    return (performance.now() - this.#started) / Math.max(1, this.#done);
  }
}
