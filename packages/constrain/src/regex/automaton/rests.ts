import {
  anyRest,
  atTheEnd,
  type Condition,
  endOnly,
  type Group,
  holdsAtEnd,
  nothing,
  type Rest,
  unconditional,
} from './rest.js';

/** Groups among which those that say less than another are looked for. */
const maxCompared = 32;

/** The parts gathered from a group. */
interface Draft {
  readonly condition: Condition;
  readonly reads: Set<number>;
  ends: boolean;
  always: boolean;
}

/** Makes what must follow and its conditions, simplified, so that equal ones are one object. */
export class Rests {
  readonly #rests = new Map<string, Rest>();
  readonly #conditions = new Map<string, Condition>();
  #count = 3;
  /** Instructions held by all that are known, and as many for each as it costs. */
  held = 0;

  /** @param lengths [instructions], characters from before each to the end of the match at least */
  constructor(readonly lengths: Float64Array) {}

  forget(): void {
    this.#rests.clear();
    this.#conditions.clear();
    this.held = 0;
  }

  /** The condition and that each of `rests` takes the text; undefined if that cannot be. */
  require(condition: Condition, ...rests: readonly Rest[]): Condition | undefined {
    const must = new Set(condition.must);
    const parts: Condition[] = [];
    let isEnd = condition === atTheEnd;
    for (const rest of rests) {
      if (rest === nothing) return undefined;
      const only = rest.groups.length === 1 ? rest.groups[0] : undefined;
      if (rest === endOnly) isEnd = true;
      else if (only?.always) parts.push(only.condition);
      else must.add(rest);
    }
    if (isEnd) {
      const holds = holdsAtEnd(condition) && rests.every(({ atEnd }) => atEnd);
      return holds ? atTheEnd : undefined;
    }
    if (must.has(condition.mustNot)) return undefined;
    let all: Condition | undefined =
      must.size > condition.must.length ? this.#condition([...must], condition.mustNot) : condition;
    // A part that matches every text under a condition is the condition itself.
    for (const part of parts) {
      all = all && this.forbid(all, part.mustNot);
      all = all && this.require(all, ...part.must);
    }
    return all;
  }

  /** The condition and that `rest` does not take the text; undefined if that cannot be. */
  forbid(condition: Condition, rest: Rest): Condition | undefined {
    if (rest === nothing) return condition;
    if (rest === anyRest) return undefined;
    if (condition === atTheEnd) return rest.atEnd ? undefined : condition;
    const { groups } = rest;
    if (groups.length === 1 && groups[0].always && groups[0].condition.must.length === 0)
      return this.require(condition, groups[0].condition.mustNot);
    const mustNot = condition.mustNot === nothing ? rest : this.#either(condition.mustNot, rest);
    if (mustNot === anyRest || condition.must.includes(mustNot)) return undefined;
    return this.#condition(condition.must, mustNot);
  }

  #either(one: Rest, other: Rest): Rest {
    const gathering = new Gathering(this);
    for (const { condition, reads, ends, always } of [...one.groups, ...other.groups]) {
      for (const read of reads) gathering.read(condition, read);
      if (ends) gathering.end(condition);
      if (always) gathering.always(condition);
    }
    return gathering.rest();
  }

  #condition(must: readonly Rest[], mustNot: Rest): Condition {
    const sorted = must.toSorted((a, b) => a.id - b.id);
    const key = `${sorted.map(({ id }) => id).join()}!${mustNot.id}`;
    let condition = this.#conditions.get(key);
    if (!condition) {
      condition = { id: this.#count++, must: sorted, mustNot };
      this.#conditions.set(key, condition);
      this.held += 20 + must.length;
    }
    return condition;
  }

  /** @param groups simplified */
  rest(groups: readonly Group[]): Rest {
    if (groups.length === 0) return nothing;
    if (groups.length === 1 && groups[0].condition === unconditional) {
      const { reads, ends, always } = groups[0];
      if (always) return anyRest;
      if (ends && reads.length === 0) return endOnly;
    }
    const key = groups
      .map(
        ({ condition, reads, ends, always }) =>
          `${condition.id}${always ? '*' : ends ? '$' : ':'}${reads.join()}`,
      )
      .join(';');
    const known = this.#rests.get(key);
    if (known) return known;
    const rest = {
      id: this.#count++,
      groups,
      atEnd: groups.some(({ condition, ends }) => ends && holdsAtEnd(condition)),
      estimate: Math.min(...groups.map((group) => this.#estimate(group))),
      after: [],
    };
    this.#rests.set(key, rest);
    this.held += groups.reduce((sum, { reads }) => sum + 40 + 2 * reads.length, 100);
    return rest;
  }

  #estimate({ condition, reads, ends }: Group): number {
    let length = ends ? 0 : Number.POSITIVE_INFINITY;
    for (const read of reads) length = Math.min(length, this.lengths[read]);
    return condition.must.reduce((sum, { estimate }) => sum + estimate, length);
  }
}

/** Gathers ways of matching. */
export class Gathering {
  readonly #drafts = new Map<Condition, Draft>();
  readonly #visited = new Set<number>();

  constructor(readonly rests: Rests) {}

  read(condition: Condition, instruction: number): void {
    // Nothing is read at the end.
    if (condition !== atTheEnd) this.#draft(condition).reads.add(instruction);
  }

  end(condition: Condition): void {
    if (holdsAtEnd(condition)) this.#draft(unconditional).ends = true;
  }

  always(condition: Condition): void {
    if (condition === atTheEnd) this.end(condition);
    else this.#draft(condition).always = true;
  }

  /** Whether an instruction is reached for the first time under a condition. */
  visit(instruction: number, { id }: Condition): boolean {
    const key = id * this.rests.lengths.length + instruction;
    if (this.#visited.has(key)) return false;
    this.#visited.add(key);
    return true;
  }

  /** The parts gathered from matches that end here, and from those that go on. */
  parted(): { readonly found: Rest; readonly others: Rest } {
    const found = new Gathering(this.rests);
    const others = new Gathering(this.rests);
    for (const { condition, reads, ends, always } of this.#drafts.values()) {
      if (always) found.always(condition);
      if (ends) found.end(condition);
      for (const read of reads) others.read(condition, read);
    }
    return { found: found.rest(), others: others.rest() };
  }

  /** The parts gathered. */
  rest(): Rest {
    const all = this.#drafts.get(unconditional);
    if (all?.always) return anyRest;
    const drafts = [...this.#drafts.values()].sort((a, b) => a.condition.id - b.condition.id);
    for (const draft of drafts) {
      if (draft.always) draft.reads.clear();
      const weaker =
        drafts.length <= maxCompared
          ? drafts.filter((other) => other !== draft && isWeaker(other.condition, draft.condition))
          : [all].filter((other) => other !== undefined && other !== draft);
      for (const other of weaker) drop(draft, other!);
    }
    return this.rests.rest(
      drafts
        .filter(({ reads, ends, always }) => reads.size > 0 || ends || always)
        .map(({ condition, reads, ends, always }) => ({
          condition,
          reads: [...reads].sort((a, b) => a - b),
          ends: ends || always,
          always,
        })),
    );
  }

  #draft(condition: Condition): Draft {
    let draft = this.#drafts.get(condition);
    if (!draft) {
      draft = { condition, reads: new Set(), ends: false, always: false };
      this.#drafts.set(condition, draft);
    }
    return draft;
  }
}

/** Whether every text that meets `second` meets `first`, where that is plain to see. */
function isWeaker(first: Condition, second: Condition): boolean {
  return (
    (first.mustNot === nothing || first.mustNot === second.mustNot) &&
    first.must.every((rest) => second.must.includes(rest))
  );
}

/** Removes from `draft` what `other` says under a weaker condition. */
function drop(draft: Draft, other: Draft): void {
  if (other.always) {
    draft.reads.clear();
    draft.ends = false;
    draft.always = false;
    return;
  }
  for (const read of other.reads) draft.reads.delete(read);
  if (other.ends && !draft.always) draft.ends = false;
}
