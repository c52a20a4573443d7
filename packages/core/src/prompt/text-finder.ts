/**
 * Finds any of a set of texts in another: the longest one at the first place, in time linear in the
 * text however many there are.
 */
export class TextFinder {
  readonly #texts: ReadonlySet<string>;
  /** Lengths of the texts that begin with a UTF-16 unit, longest first. */
  readonly #lengths = new Map<number, number[]>();
  readonly #first: RegExp | undefined;

  constructor(texts: Iterable<string>) {
    this.#texts = new Set([...texts].filter((text) => text !== ''));
    const lengths = new Map<number, Set<number>>();
    for (const text of this.#texts) {
      const first = text.charCodeAt(0);
      lengths.set(first, (lengths.get(first) ?? new Set()).add(text.length));
    }
    for (const [first, all] of lengths)
      this.#lengths.set(
        first,
        [...all].sort((a, b) => b - a),
      );
    const firsts = [...lengths.keys()].map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`);
    this.#first = firsts.length > 0 ? new RegExp(`[${firsts.join('')}]`, 'g') : undefined;
  }

  /**
   * The first text at `from` or later, the longest of those that begin there and that `allows` does
   * not refuse.
   */
  find(
    text: string,
    from: number,
    allows: (at: number, found: string) => boolean = () => true,
  ): { readonly at: number; readonly found: string } | undefined {
    const first = this.#first;
    if (!first) return undefined;
    first.lastIndex = from;
    for (let match = first.exec(text); match; match = first.exec(text)) {
      const at = match.index;
      for (const length of this.#lengths.get(text.charCodeAt(at))!) {
        const found = text.slice(at, at + length);
        if (this.#texts.has(found) && allows(at, found)) return { at, found };
      }
    }
    return undefined;
  }

  /** Every place of one, from the left, without overlap. */
  *all(text: string): Generator<{ readonly at: number; readonly found: string }> {
    for (let hit = this.find(text, 0); hit; hit = this.find(text, hit.at + hit.found.length))
      yield hit;
  }
}
