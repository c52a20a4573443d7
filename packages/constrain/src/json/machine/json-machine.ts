import { always, type Formula, never } from '../formula/formula.js';
import { settle } from '../formula/pending.js';
import { fromBytes } from '../formula/word-list.js';
import type { NumberRules } from '../numbers/number-rules.js';
import { type Kind, kindByByte } from '../schema/kind.js';
import type { Item } from '../sets/seen-items.js';
import { inText, type Spelling } from '../strings/string-place.js';
import { canonicalOf, collect, Frames } from './frames.js';
import type { Frame, JsonState, NumberText, StringText, WhitespacePlace } from './json-state.js';
import { beginNumber, stepNumber } from './number-text.js';
import type { Satisfiability, ValueStart } from './satisfiability.js';
import { StringSteps } from './string-steps.js';
import { afterBlank, neededBlanks, type Whitespace } from './whitespace.js';

export interface JsonSyntax {
  readonly whitespace: Whitespace;
  readonly spelling: Spelling;
  /** Most containers inside of each other. */
  readonly maxDepth: number;
  /** Whether a verdict on the whole text may refuse its last byte. Default false. */
  readonly isJudged?: boolean;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const closings = { array: 0x5d, object: 0x7d };
const end: JsonState = { at: 'end' };
/** Names of a frame that are kept with what follows. */
const maxNamed = 200;

/** JSON byte by byte, as far as some text that begins so satisfies the schema. States are immutable. */
export class JsonMachine {
  readonly #frames: Frames;
  readonly strings: StringSteps;

  constructor(
    readonly values: Satisfiability,
    readonly root: Formula,
    readonly syntax: JsonSyntax,
    /** How numbers are spelled. */
    readonly numbers: NumberRules = values.numbers,
  ) {
    this.#frames = new Frames(values);
    this.strings = new StringSteps(values.strings, syntax.spelling);
  }

  start(): JsonState | undefined {
    if (!this.values.isSatisfiable(this.root)) return undefined;
    const start = { formulas: [this.root], demands: [] };
    return { at: 'value', frame: undefined, start, empty: undefined, gap: 'document', blanks: 0 };
  }

  step(state: JsonState, byte: number): JsonState | undefined {
    switch (state.at) {
      case 'value':
        return this.#value(state, byte);
      case 'word':
        return this.#word(state, byte);
      case 'number':
        return this.#number(state, byte);
      case 'string':
        return this.#string(state, byte);
      case 'name':
        return this.#name(state, byte);
      case 'colon': {
        const { frame, start } = state;
        const blanks = this.#afterBlank('name', frame.depth, state.blanks, byte);
        if (blanks !== undefined) return { ...state, blanks };
        return byte === colon
          ? { at: 'value', frame, start, empty: undefined, gap: 'colon', blanks: 0 }
          : undefined;
      }
      case 'next':
        return this.#next(state, byte);
      case 'end':
        return undefined;
    }
  }

  canEnd(state: JsonState): boolean {
    return state.at === 'end' || (state.at === 'number' && this.#finished(state)?.at === 'end');
  }

  #afterBlank(
    gap: WhitespacePlace,
    depth: number,
    blanks: number,
    byte: number,
  ): number | undefined {
    // Nothing else that comes here is as low.
    return byte > 0x20 ? undefined : afterBlank(this.syntax.whitespace, gap, depth, blanks, byte);
  }

  #isGapped(gap: WhitespacePlace, blanks: number): boolean {
    return blanks >= neededBlanks(this.syntax.whitespace, gap);
  }

  #value(state: Extract<JsonState, { at: 'value' }>, byte: number): JsonState | undefined {
    const { frame, start, empty, gap } = state;
    const blanks = this.#afterBlank(gap, frame?.depth ?? 0, state.blanks, byte);
    if (blanks !== undefined) return { ...state, blanks };
    if (!this.#isGapped(gap, state.blanks)) return undefined;
    if (byte === closings.array && empty) return this.#close(empty);
    const kind = kindByByte[byte];
    return kind && start && this.#begin(kind, frame, start, byte);
  }

  #begin(
    kind: Kind,
    frame: Frame | undefined,
    start: ValueStart,
    byte: number,
  ): JsonState | undefined {
    const { values } = this;
    if (!values.canBegin(start.formulas[0], kind)) return undefined;
    const formulas = start.formulas.map((formula) => values.begin(formula, kind));
    const { demands } = start;
    switch (kind) {
      case 'number':
        return stepNumber(
          beginNumber(frame, formulas, demands, this.numbers.trackers(formulas[0])),
          byte,
        );
      case 'string':
        return this.strings.value(frame, formulas, demands);
      case 'array':
      case 'object':
        return this.#open(kind, frame, formulas, demands);
      default:
        return { at: 'word', kind, length: 1, frame, formulas, demands };
    }
  }

  #open(
    kind: 'array' | 'object',
    parent: Frame | undefined,
    formulas: readonly Formula[],
    demands: readonly Formula[],
  ): JsonState | undefined {
    const depth = (parent?.depth ?? 0) + 1;
    if (depth > this.syntax.maxDepth) return undefined;
    const frame = this.#frames.get({
      kind,
      parent,
      depth,
      formulas,
      demands,
      members: kind === 'object' ? this.values.noMembers : undefined,
      collects: (parent?.collects ?? false) || (kind === 'array' && formulas.some(isUnique)),
      collected: undefined,
    });
    if (kind === 'object') return { at: 'name', frame, gap: 'open', blanks: 0 };
    const item = this.#item(frame);
    return {
      at: 'value',
      frame: item?.frame ?? frame,
      start: item?.start,
      empty: frame,
      gap: 'open',
      blanks: 0,
    };
  }

  #word(state: Extract<JsonState, { at: 'word' }>, byte: number): JsonState | undefined {
    const { kind, length } = state;
    if (kind.charCodeAt(length) !== byte) return undefined;
    if (length + 1 < kind.length) return { ...state, length: length + 1 };
    return this.#finish(state.frame, state.demands, state.formulas, {
      kind,
      canonical: kind,
      scalar: kind,
    });
  }

  #number(state: NumberText, byte: number): JsonState | undefined {
    const longer = stepNumber(state, byte);
    if (longer) return longer;
    const finished = this.#finished(state);
    return finished && this.step(finished, byte);
  }

  #finished(state: NumberText): JsonState | undefined {
    if (state.finished === undefined) {
      const { frame, formulas, demands, text, trackers, states } = state;
      const { numbers } = this.values;
      const mayEnd = trackers.some((tracker, i) => tracker.canEnd(states[i]));
      const ended = mayEnd && formulas.map((formula) => numbers.end(formula, text));
      const canonical = String(Number(text) + 0);
      const item = { kind: 'number', canonical, scalar: canonical } as const;
      state.finished = (ended && this.#finish(frame, demands, ended, item)) || null;
    }
    return state.finished ?? undefined;
  }

  #string(state: StringText, byte: number): JsonState | undefined {
    if (byte !== quote || state.place !== inText) return this.strings.step(state, byte);
    if (state.finished === undefined)
      state.finished = (state.isName ? this.#endName(state) : this.#endString(state)) ?? null;
    return state.finished ?? undefined;
  }

  #endString(state: StringText): JsonState | undefined {
    const { frame, demands, formulas, text } = state;
    const { strings } = this.values;
    const ended = formulas.map((formula) => strings.end(formula, text));
    const item = { kind: 'string', canonical: `"${text}`, scalar: text } as const;
    return this.#finish(frame, demands, ended, item);
  }

  #name(state: Extract<JsonState, { at: 'name' }>, byte: number): JsonState | undefined {
    const { frame, gap } = state;
    const blanks = this.#afterBlank(gap, frame.depth, state.blanks, byte);
    if (blanks !== undefined) return { ...state, blanks };
    if (!this.#isGapped(gap, state.blanks)) return undefined;
    if (byte === closings.object && gap === 'open') return this.#close(frame);
    if (byte !== quote) return undefined;
    const names = this.#names(frame);
    if (!this.values.strings.isViable(names)) return undefined;
    return this.strings.name(frame, names);
  }

  #names(frame: Frame): Formula {
    frame.names ??= this.values.objects.names(frame.formulas[0], frame.members!);
    return frame.names;
  }

  #endName({ frame: open, formulas: [names], text }: StringText): JsonState | undefined {
    const frame = open!;
    if (this.values.strings.end(names, text) === never) return undefined;
    const name = fromBytes(text);
    if (!frame.named || frame.named.size >= maxNamed) frame.named = new Map();
    let named = frame.named.get(name);
    if (named === undefined) {
      named = this.#afterName(frame, name);
      frame.named.set(name, named);
    }
    return named ? { at: 'colon', ...named, blanks: 0 } : undefined;
  }

  #afterName(frame: Frame, name: string): { frame: Frame; start: ValueStart } | null {
    const { values } = this;
    if (frame.members!.has(name)) return null;
    const members = frame.members!.with(name);
    const formulas = frame.formulas.map((formula) => values.objects.afterName(formula, name));
    const start = values.next(formulas, (goal) => values.objects.isViable(goal, members));
    if (!start) return null;
    const collected = frame.collects ? collect(frame, JSON.stringify(name)) : undefined;
    return { frame: this.#frames.get({ ...frame, formulas, members, collected }), start };
  }

  #item(frame: Frame): { frame: Frame; start: ValueStart } | undefined {
    if (frame.item === undefined) {
      const { arrays } = this.values;
      const formulas = frame.formulas.map((formula) => arrays.beforeItem(formula));
      const start = this.values.next(
        formulas,
        (goal) => arrays.isViable(goal),
        (goal) => arrays.neededLater(goal),
      );
      frame.item = start ? { frame: this.#frames.get({ ...frame, formulas }), start } : null;
    }
    return frame.item ?? undefined;
  }

  #next(state: Extract<JsonState, { at: 'next' }>, byte: number): JsonState | undefined {
    const { frame } = state;
    // People put no blanks before a comma: behind blanks something closes. But what closes the text may be refused late.
    const closes = this.syntax.whitespace === 'written' && (frame.parent || !this.syntax.isJudged);
    const blanks = this.#afterBlank('close', frame.depth, state.blanks, byte);
    if (blanks !== undefined)
      return closes && !this.#close(frame) ? undefined : { ...state, blanks };
    if (byte === closings[frame.kind]) return this.#close(frame);
    if (byte !== comma || (closes && state.blanks > 0)) return undefined;
    if (frame.kind === 'array') {
      const item = this.#item(frame);
      return item && { at: 'value', ...item, empty: undefined, gap: 'comma', blanks: 0 };
    }
    return this.values.strings.isViable(this.#names(frame))
      ? { at: 'name', frame, gap: 'comma', blanks: 0 }
      : undefined;
  }

  #close(frame: Frame): JsonState | undefined {
    const { kind, formulas, parent, demands } = frame;
    const rules = kind === 'array' ? this.values.arrays : this.values.objects;
    const ended = formulas.map((formula) => rules.end(formula));
    const canonical = frame.collects ? canonicalOf(frame) : '';
    return this.#finish(parent, demands, ended, { kind, canonical, scalar: undefined });
  }

  /** Goes on behind a value. @param ended whether it is right, then whether each demand is */
  #finish(
    frame: Frame | undefined,
    demands: readonly Formula[],
    ended: readonly Formula[],
    item: Item,
  ): JsonState | undefined {
    if (ended[0] === never) return undefined;
    if (!frame) return end;
    const { values } = this;
    let { formulas } = frame;
    if (demands.length > 0) {
      // What is judged late of one value says nothing about another.
      const late = () => values.formulas.fresh({ type: 'late' });
      const verdicts = new Map(
        demands.map((demand, i) => {
          const verdict = ended[i + 1];
          return [demand, verdict === always || verdict === never ? verdict : late()];
        }),
      );
      formulas = formulas.map((formula) => settle(values.formulas, formula, verdicts));
    }
    if (frame.collects && frame.kind === 'array')
      formulas = formulas.map((formula) => values.arrays.afterItem(formula, item));
    const isViable =
      frame.kind === 'array'
        ? values.arrays.isViable(formulas[0])
        : values.objects.isViable(formulas[0], frame.members!);
    if (!isViable) return undefined;
    const collected = frame.collects ? collect(frame, item.canonical) : undefined;
    return { at: 'next', frame: this.#frames.get({ ...frame, formulas, collected }), blanks: 0 };
  }
}

function isUnique(formula: Formula): boolean {
  return formula.atom?.type === 'unique' || formula.parts.some(isUnique);
}
