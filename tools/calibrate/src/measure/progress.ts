/** Says how far a run is: at most every few seconds, on standard error. */
export class Progress {
  #done = 0;
  #said = 0;
  readonly #started = performance.now();

  /** @param total measurements that are expected; those that the journal knows cost nothing */
  constructor(private readonly total: number) {}

  /** Of one measurement that was run, in ms. */
  get mean(): number {
    return (performance.now() - this.#started) / Math.max(1, this.#done);
  }

  readonly measured = (): void => {
    this.#done++;
    const now = performance.now();
    if (now - this.#said < 10_000) return;
    this.#said = now;
    const minutes = (now - this.#started) / 60_000;
    console.error(
      `${this.#done} measurements in ${minutes.toFixed(1)} minutes, ${this.mean.toFixed(0)} ms each, of ${this.total} at most`,
    );
  };
}
