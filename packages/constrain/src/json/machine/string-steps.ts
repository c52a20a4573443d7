import type { Formula } from '../formula/formula.js';
import { EscapeRules } from '../strings/escape-rules.js';
import { inText, type Spelling, type StringPlace, stepString } from '../strings/string-place.js';
import type { StringRules } from '../strings/string-rules.js';
import type { Frame, StringText } from './json-state.js';
import { allLeft, mapObligations, type Obligations, obligationsOf } from './obligations.js';

/** Strings byte by byte, names and values, up to their closing quote. */
export class StringSteps {
  readonly #escapes: EscapeRules;

  constructor(
    readonly rules: StringRules,
    readonly spelling: Spelling,
  ) {
    this.#escapes = new EscapeRules(rules, spelling);
  }

  /** Behind the opening quote of a value. */
  value(frame: Frame | undefined, obligations: Obligations): StringText {
    const keepsText = (frame?.collects ?? false) || allLeft(obligations).some(isChecked);
    return { ...empty, isName: false, frame, obligations, keepsText };
  }

  /** Behind the opening quote of a name. */
  name(frame: Frame, names: Formula): StringText {
    return { ...empty, isName: true, frame, obligations: obligationsOf(names), keepsText: true };
  }

  step(state: StringText, byte: number): StringText | undefined {
    const next = stepString(state.place, byte, this.spelling);
    if (!next) return undefined;
    const { added } = next;
    if (added === '') {
      const escaped = { ...state, place: next.place, finished: undefined };
      return this.#escapes.isViable(state.obligations.goal, next.place) ? escaped : undefined;
    }
    return this.#withAdded(state, next.place, added);
  }

  /** The state inside a string after some plain characters. */
  afterPlain(state: StringText, added: string): StringText | undefined {
    return added === '' ? state : this.#withAdded(state, state.place, added);
  }

  #withAdded(state: StringText, place: StringPlace, added: string): StringText | undefined {
    const { isName, frame, obligations, keepsText } = state;
    const stepped = mapObligations(obligations, (left) => this.rules.stepAll(left, added));
    if (!this.rules.isViable(stepped.goal)) return undefined;
    if (stepped === obligations && state.place === place && !keepsText) return state;
    return {
      at: 'string',
      isName,
      frame,
      obligations: stepped,
      place,
      text: keepsText ? state.text + added : '',
      keepsText,
      finished: undefined,
    };
  }
}

const empty = { at: 'string', place: inText, text: '', finished: undefined } as const;

function isChecked(formula: Formula): boolean {
  return formula.atom?.type === 'check' || formula.parts.some(isChecked);
}
