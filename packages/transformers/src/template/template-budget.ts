import { getHeapStatistics } from 'node:v8';

/** Operations that a template may take, beside those for each message. */
const baseSteps = 1_000_000;
const stepsPerMessage = 5_000;
/** Entries of a list, beside the messages. */
const baseItems = 100_000;
/** Characters of a text, beside 16 for each of the messages'. */
const baseCharacters = 2 ** 24;
/** Bytes of the heap, beside 64 for each character of the messages. */
const baseHeap = 2 ** 28;
/** Share of what the process may take. */
const heapShare = 0.8;
const stepsBetweenChecks = 1_024;

/** A template took more than it may. */
export class TemplateBudgetError extends Error {}

/**
 * Limits on what a chat template may use while it renders one chat. A template is a program from
 * the model's folder.
 */
export class TemplateBudget {
  readonly #steps: number;
  readonly #items: number;
  readonly #characters: number;
  readonly #heap: number;
  #taken = 0;
  /**
   * Nodes and characters of lists and mappings, with what is in them counted as often as it is in
   * them.
   */
  readonly #weights = new WeakMap<object, number>();

  /** @param characters of all messages */
  constructor(messages: number, characters: number) {
    this.#steps = baseSteps + stepsPerMessage * messages;
    this.#items = baseItems + messages;
    this.#characters = baseCharacters + 16 * characters;
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    this.#heap = Math.min(
      used + baseHeap + 64 * characters,
      Math.max(limit * heapShare, used + 2 ** 24),
    );
  }

  step(): void {
    this.#taken++;
    if (this.#taken > this.#steps)
      throw new TemplateBudgetError(`takes more than ${this.#steps} steps`);
    if (this.#taken % stepsBetweenChecks === 0) this.#requireHeap();
  }

  /** Before a list of so many entries is made. */
  items(count: number): void {
    if (count > this.#items)
      throw new TemplateBudgetError(`makes a list of ${count} entries, more than ${this.#items}`);
    if (count > stepsBetweenChecks) this.#requireHeap();
  }

  /** Before or after a text of so many characters is made. */
  characters(count: number): void {
    if (count > this.#characters)
      throw new TemplateBudgetError(
        `writes a text of ${count} characters, more than ${this.#characters}`,
      );
    if (count > 2 ** 16) this.#requireHeap();
  }

  /** The weight of a value's parts; that of a value is remembered, so it must not change. */
  weigh(value: object, parts: () => number): number {
    const known = this.#weights.get(value);
    if (known !== undefined) return known;
    const weight = parts();
    if (weight > this.#characters)
      throw new TemplateBudgetError('puts lists into lists until they are too large to write');
    this.#weights.set(value, weight);
    return weight;
  }

  #requireHeap(): void {
    if (getHeapStatistics().used_heap_size > this.#heap)
      throw new TemplateBudgetError('takes more memory than a chat template may');
  }
}
