/**
 * What must follow from a place on, as a set of texts up to the end: those that one of the groups
 * takes. Equal ones of a `Rests` are one object.
 */
export interface Rest {
  readonly id: number;
  readonly groups: readonly Group[];
  /** Whether it takes the empty text. */
  readonly atEnd: boolean;
  /** Characters that it takes about, at least: a guess. */
  readonly estimate: number;
  /** By class: the rest after it, if that does not depend on what was read before. */
  readonly after: (Rest | undefined)[];
}

/** Ways of matching under one condition. */
export interface Group {
  readonly condition: Condition;
  /** `read` instructions that may come next, ascending. */
  readonly reads: readonly number[];
  /** Takes the empty text. Only of the unconditional group and where `always`. */
  readonly ends: boolean;
  /** Takes every text; then `reads` is empty. */
  readonly always: boolean;
}

/** A condition of look-arounds on one text: all of `must` match it, and `mustNot` does not. */
export interface Condition {
  readonly id: number;
  readonly must: readonly Rest[];
  readonly mustNot: Rest;
}

/** Takes no text. */
export const nothing: Rest = {
  id: 0,
  groups: [],
  atEnd: false,
  estimate: Number.POSITIVE_INFINITY,
  after: [],
};
export const unconditional: Condition = { id: 0, must: [], mustNot: nothing };
/** Takes every text. */
export const anyRest: Rest = {
  id: 1,
  groups: [{ condition: unconditional, reads: [], ends: true, always: true }],
  atEnd: true,
  estimate: 0,
  after: [],
};
/** Takes the empty text alone. */
export const endOnly: Rest = {
  id: 2,
  groups: [{ condition: unconditional, reads: [], ends: true, always: false }],
  atEnd: true,
  estimate: 0,
  after: [],
};
/** The text ends here. */
export const atTheEnd: Condition = { id: 1, must: [endOnly], mustNot: nothing };

/** Whether the empty text meets a condition. */
export function holdsAtEnd({ must, mustNot }: Condition): boolean {
  return !mustNot.atEnd && must.every(({ atEnd }) => atEnd);
}
