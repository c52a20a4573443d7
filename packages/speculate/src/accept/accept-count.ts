import type { Run } from '@pliant/core';

/** Counts drafted and accepted tokens, as metrics. */
export class AcceptCount {
  #drafted = 0;
  #accepted = 0;

  constructor(private readonly run: Pick<Run, 'emit'>) {
    this.#emit();
  }

  addDrafted(tokens: number): void {
    this.#drafted += tokens;
    this.#emit();
  }

  addAccepted(): void {
    this.#accepted++;
    this.#emit();
  }

  #emit(): void {
    this.run.emit('tokensDrafted', this.#drafted);
    this.run.emit('tokensAccepted', this.#accepted);
  }
}
