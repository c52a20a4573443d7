import type { Run } from '@pliant/core';

/** Counts what a constraint did in one generation, and reports it after each step. */
export class ConstraintMeter {
  checks = 0;
  rejected = 0;
  #steps = 0;
  #ms = 0;
  #masks = 0;
  #maskMs = 0;

  constructor(readonly run: Run) {}

  endMask(ms: number): void {
    this.#masks++;
    this.#maskMs += ms;
  }

  endStep(ms: number): void {
    this.#steps++;
    this.#ms += ms;
    const { run } = this;
    run.emit('checks', this.checks);
    run.emit('rejected', this.rejected);
    run.emit('checksPerToken', this.checks / this.#steps);
    run.emit('constraintMs', this.#ms / this.#steps);
    run.emit('masks', this.#masks);
    if (this.#masks > 0) run.emit('maskMs', this.#maskMs / this.#masks);
  }
}
