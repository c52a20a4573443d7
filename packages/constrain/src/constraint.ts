/**
 * What a text must satisfy, over bytes: tokens may end anywhere, also inside a character. States are immutable, so that
 * copying a generation and taking tokens back cost nothing.
 */
export interface Constraint<State = unknown> {
  /** In errors and warnings. */
  readonly name: string;
  /** The state of the empty text; undefined when no text at all satisfies the constraint. */
  start(): State | undefined;
  /**
   * The state of the text with `bytes` appended; undefined when no text that begins so satisfies the constraint. A constraint
   * that cannot tell may keep such a text alive: it is then found out later, and the generation ends as `'dead-end'`.
   * @param bytes one or more, not kept
   */
  advance(state: State, bytes: Uint8Array): State | undefined;
  /** Whether the text may end here. */
  canEnd(state: State): boolean;
  /** Whether nothing may follow. Absent: not known, which is always safe. */
  mustEnd?(state: State): boolean;
}
