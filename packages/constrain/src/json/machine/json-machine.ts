import { type Formula, never } from '../formula/formula.js';
import { fromBytes } from '../formula/word-list.js';
import type { NumberRules } from '../numbers/number-rules.js';
import { type Kind, kindByByte } from '../schema/kind.js';
import type { Item } from '../sets/seen-items.js';
import { inText, type Spelling } from '../strings/string-place.js';
import { FrameSteps } from './frame-steps.js';
import type { Frame, JsonState, NumberText, StringText, WhitespacePlace } from './json-state.js';
import { beginNumber, stepNumber } from './number-text.js';
import { mapObligations, type Obligations, obligationsOf } from './obligations.js';
import type { Satisfiability } from './satisfiability.js';
import { StringSteps } from './string-steps.js';
import { afterBlank, neededBlanks, type Whitespace } from './whitespace.js';

export interface JsonSyntax {
  readonly whitespace: Whitespace;
  readonly spelling: Spelling;
  /** Most containers inside each other. */
  readonly maxDepth: number;
  /** Whether a verdict on the whole text may refuse its last byte. Default false. */
  readonly isJudged?: boolean;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const closings = { array: 0x5d, object: 0x7d };
const end: JsonState = { at: 'end' };

/**
 * JSON byte by byte, as far as some text that begins so satisfies the schema. States are immutable.
 */
export class JsonMachine {
  readonly #frames: FrameSteps;
  readonly strings: StringSteps;

  constructor(
    readonly values: Satisfiability,
    readonly root: Formula,
    readonly syntax: JsonSyntax,
    /** How numbers are spelled. */
    readonly numbers: NumberRules = values.numbers,
  ) {
    this.#frames = new FrameSteps(values);
    this.strings = new StringSteps(values.strings, syntax.spelling);
  }

  start(): JsonState | undefined {
    if (!this.values.isSatisfiable(this.root)) return undefined;
    const start = obligationsOf(this.root);
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
    start: Obligations,
    byte: number,
  ): JsonState | undefined {
    const { values } = this;
    if (!values.canBegin(start.goal, kind)) return undefined;
    const obligations = mapObligations(start, (formula) => values.begin(formula, kind));
    switch (kind) {
      case 'number':
        return stepNumber(
          beginNumber(frame, obligations, this.numbers.trackers(obligations.goal)),
          byte,
        );
      case 'string':
        return this.strings.value(frame, obligations);
      case 'array':
      case 'object':
        return this.#open(kind, frame, obligations);
      default:
        return { at: 'word', kind, length: 1, frame, obligations };
    }
  }

  #open(
    kind: 'array' | 'object',
    parent: Frame | undefined,
    obligations: Obligations,
  ): JsonState | undefined {
    if ((parent?.depth ?? 0) >= this.syntax.maxDepth) return undefined;
    const frame = this.#frames.open(kind, parent, obligations);
    if (kind === 'object') return { at: 'name', frame, gap: 'open', blanks: 0 };
    const item = this.#frames.item(frame);
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
    return this.#finish(state.frame, state.obligations, {
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
      const { frame, obligations, text, trackers, states } = state;
      const { numbers } = this.values;
      const mayEnd = trackers.some((tracker, i) => tracker.canEnd(states[i]));
      const ended = mayEnd && mapObligations(obligations, (left) => numbers.end(left, text));
      const canonical = String(Number(text) + 0);
      const item = { kind: 'number', canonical, scalar: canonical } as const;
      state.finished = (ended && this.#finish(frame, ended, item)) || null;
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
    const { frame, obligations, text } = state;
    const { strings } = this.values;
    const ended = mapObligations(obligations, (left) => strings.end(left, text));
    const item = { kind: 'string', canonical: `"${text}`, scalar: text } as const;
    return this.#finish(frame, ended, item);
  }

  #name(state: Extract<JsonState, { at: 'name' }>, byte: number): JsonState | undefined {
    const { frame, gap } = state;
    const blanks = this.#afterBlank(gap, frame.depth, state.blanks, byte);
    if (blanks !== undefined) return { ...state, blanks };
    if (!this.#isGapped(gap, state.blanks)) return undefined;
    if (byte === closings.object && gap === 'open') return this.#close(frame);
    if (byte !== quote) return undefined;
    const names = this.#frames.names(frame);
    if (!this.values.strings.isViable(names)) return undefined;
    return this.strings.name(frame, names);
  }

  #endName({ frame, obligations, text }: StringText): JsonState | undefined {
    if (this.values.strings.end(obligations.goal, text) === never) return undefined;
    const named = this.#frames.afterName(frame!, fromBytes(text));
    return named && { at: 'colon', ...named, blanks: 0 };
  }

  #next(state: Extract<JsonState, { at: 'next' }>, byte: number): JsonState | undefined {
    const { frame } = state;
    // People put no blanks before a comma: after blanks something closes. But what closes the text
    // may be refused late.
    const closes = this.syntax.whitespace === 'written' && (frame.parent || !this.syntax.isJudged);
    const blanks = this.#afterBlank('close', frame.depth, state.blanks, byte);
    if (blanks !== undefined)
      return closes && !this.#close(frame) ? undefined : { ...state, blanks };
    if (byte === closings[frame.kind]) return this.#close(frame);
    if (byte !== comma || (closes && state.blanks > 0)) return undefined;
    if (frame.kind === 'array') {
      const item = this.#frames.item(frame);
      return item && { at: 'value', ...item, empty: undefined, gap: 'comma', blanks: 0 };
    }
    return this.values.strings.isViable(this.#frames.names(frame))
      ? { at: 'name', frame, gap: 'comma', blanks: 0 }
      : undefined;
  }

  #close(frame: Frame): JsonState | undefined {
    const { ended, item } = this.#frames.end(frame);
    return this.#finish(frame.parent, ended, item);
  }

  /** The state after a value. */
  #finish(frame: Frame | undefined, ended: Obligations, item: Item): JsonState | undefined {
    if (ended.goal === never) return undefined;
    if (!frame) return end;
    const after = this.#frames.afterValue(frame, ended.demands, item);
    return after && { at: 'next', frame: after, blanks: 0 };
  }
}
