import { always, type Formula, never } from '../formula/formula.js';
import { settle } from '../formula/pending.js';
import type { Item } from '../sets/seen-items.js';
import { canonicalOf, collect, Frames } from './frames.js';
import type { Frame } from './json-state.js';
import { allLeft, type Demand, mapObligations, type Obligations } from './obligations.js';
import type { Satisfiability } from './satisfiability.js';

/** Names of a frame that are kept with what follows. */
const maxNamed = 200;

/** A member or item that may begin. */
interface ValueStart {
  /** The container that it is in. */
  readonly frame: Frame;
  readonly start: Obligations;
}

/** Steps arrays and objects: what they ask of members and items, and what is left after these. */
export class FrameSteps {
  readonly #frames: Frames;

  constructor(readonly values: Satisfiability) {
    this.#frames = new Frames(values);
  }

  open(kind: Frame['kind'], parent: Frame | undefined, obligations: Obligations): Frame {
    return this.#frames.get({
      kind,
      parent,
      depth: (parent?.depth ?? 0) + 1,
      obligations,
      members: kind === 'object' ? this.values.noMembers : undefined,
      collects:
        (parent?.collects ?? false) || (kind === 'array' && allLeft(obligations).some(isUnique)),
      collected: undefined,
    });
  }

  /** The formula of the next name in an object. */
  names(frame: Frame): Formula {
    frame.names ??= this.values.objects.names(frame.obligations.goal, frame.members!);
    return frame.names;
  }

  /**
   * The member of a name that satisfies `names`; undefined if it is there already, or no value is
   * right.
   */
  afterName(frame: Frame, name: string): ValueStart | undefined {
    if (!frame.named || frame.named.size >= maxNamed) frame.named = new Map();
    let named = frame.named.get(name);
    if (named === undefined) {
      named = this.#afterName(frame, name) ?? null;
      frame.named.set(name, named);
    }
    return named ?? undefined;
  }

  #afterName(frame: Frame, name: string): ValueStart | undefined {
    const { values } = this;
    if (frame.members!.has(name)) return undefined;
    const members = frame.members!.with(name);
    const obligations = mapObligations(frame.obligations, (left) =>
      values.objects.afterName(left, name),
    );
    const start = values.next(obligations, (goal) => values.objects.isViable(goal, members));
    if (!start) return undefined;
    const collected = frame.collects ? collect(frame, JSON.stringify(name)) : undefined;
    return { frame: this.#frames.get({ ...frame, obligations, members, collected }), start };
  }

  /** The next item of an array; undefined if none can come. */
  item(frame: Frame): ValueStart | undefined {
    if (frame.item === undefined) {
      const { arrays } = this.values;
      const obligations = mapObligations(frame.obligations, (left) => arrays.beforeItem(left));
      const start = this.values.next(
        obligations,
        (goal) => arrays.isViable(goal),
        (goal) => arrays.neededLater(goal),
      );
      frame.item = start ? { frame: this.#frames.get({ ...frame, obligations }), start } : null;
    }
    return frame.item ?? undefined;
  }

  /** The array or object as a finished value. */
  end(frame: Frame): { readonly ended: Obligations; readonly item: Item } {
    const { kind, obligations } = frame;
    const rules = kind === 'array' ? this.values.arrays : this.values.objects;
    const ended = mapObligations(obligations, (left) => rules.end(left));
    const canonical = frame.collects ? canonicalOf(frame) : '';
    return { ended, item: { kind, canonical, scalar: undefined } };
  }

  /**
   * The frame after a member or an item; undefined if it cannot be right any more.
   * @param demands what is left of them is `always`, `never`, or judged late
   */
  afterValue(frame: Frame, demands: readonly Demand[], item: Item): Frame | undefined {
    const { values } = this;
    let obligations = this.#judgeDemands(frame.obligations, demands);
    if (frame.collects && frame.kind === 'array')
      obligations = mapObligations(obligations, (left) => values.arrays.afterItem(left, item));
    const isViable =
      frame.kind === 'array'
        ? values.arrays.isViable(obligations.goal)
        : values.objects.isViable(obligations.goal, frame.members!);
    if (!isViable) return undefined;
    const collected = frame.collects ? collect(frame, item.canonical) : undefined;
    return this.#frames.get({ ...frame, obligations, collected });
  }

  /** The obligations of a container once the demands on a value in it are decided. */
  #judgeDemands(obligations: Obligations, demands: readonly Demand[]): Obligations {
    if (demands.length === 0) return obligations;
    const { formulas } = this.values;
    // A late verdict on one value says nothing about another.
    const late = () => formulas.fresh({ type: 'late' });
    const verdicts = new Map(
      demands.map(({ asked, left }) => [asked, left === always || left === never ? left : late()]),
    );
    return mapObligations(obligations, (left) => settle(formulas, left, verdicts));
  }
}

function isUnique(formula: Formula): boolean {
  return formula.atom?.type === 'unique' || formula.parts.some(isUnique);
}
