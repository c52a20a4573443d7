import type { FinishReason, Generation } from '@pliant/core';

/** A generation with its weight. */
export interface Particle<Value = unknown> {
  /** Closed once the particle has ended; copies of an ended particle share it. */
  readonly generation: Generation<Value>;
  /** Natural log, relative to the other particles. */
  logWeight: number;
  /** The critic's guess within the weight, to be removed at the next step. */
  twist: number;
  /** Why no step follows. */
  ended?: FinishReason;
}

/** The generations of a run: counts what they did, and closes every one. */
export class Generations<Value = unknown> {
  readonly #open = new Set<Generation<Value>>();
  #checks = 0;
  #copies = 0;

  /** @param nextSeed seeds of copies, each another */
  constructor(private readonly nextSeed: () => number) {}

  /** Constraint checks of closed generations. */
  get checks(): number {
    return this.#checks;
  }

  get copies(): number {
    return this.#copies;
  }

  add(generation: Generation<Value>): Generation<Value> {
    this.#open.add(generation);
    return generation;
  }

  /** A copy with random streams of its own. */
  async fork(generation: Generation<Value>): Promise<Generation<Value>> {
    const copy = this.add(await generation.fork({ seed: this.nextSeed() }));
    this.#copies++;
    return copy;
  }

  async close(generation: Generation<Value>): Promise<void> {
    if (!this.#open.delete(generation)) return;
    await generation.close();
    this.#checks += generation.result().metrics.middlewares.constrain?.checks ?? 0;
  }

  async closeAll(): Promise<void> {
    for (const generation of [...this.#open]) await this.close(generation);
  }
}
