import type { Formula } from '../formula/formula.js';
import { EscapeRules } from '../strings/escape-rules.js';
import { inText, type Spelling, type StringPlace, stepString } from '../strings/string-place.js';
import type { StringRules } from '../strings/string-rules.js';
import type { Frame, StringText } from './json-state.js';

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
  value(
    frame: Frame | undefined,
    formulas: readonly Formula[],
    demands: readonly Formula[],
  ): StringText {
    const keepsText = (frame?.collects ?? false) || formulas.some(isChecked);
    return { ...empty, isName: false, frame, formulas, demands, keepsText };
  }

  /** Behind the opening quote of a name. */
  name(frame: Frame, names: Formula): StringText {
    return { ...empty, isName: true, frame, formulas: [names], demands: [], keepsText: true };
  }

  step(state: StringText, byte: number): StringText | undefined {
    const next = stepString(state.place, byte, this.spelling);
    if (!next) return undefined;
    const { added } = next;
    if (added === '') {
      const escaped = { ...state, place: next.place, finished: undefined };
      return this.#escapes.isViable(state.formulas[0], next.place) ? escaped : undefined;
    }
    return this.#withAdded(state, next.place, added);
  }

  /** The state inside of a string after some plain characters. */
  afterPlain(state: StringText, added: string): StringText | undefined {
    return added === '' ? state : this.#withAdded(state, state.place, added);
  }

  #withAdded(state: StringText, place: StringPlace, added: string): StringText | undefined {
    const { isName, frame, demands, formulas, keepsText } = state;
    const stepped = this.#stepAll(formulas, added);
    if (!this.rules.isViable(stepped[0])) return undefined;
    if (stepped === formulas && state.place === place && !keepsText) return state;
    return {
      at: 'string',
      isName,
      frame,
      demands,
      formulas: stepped,
      place,
      text: keepsText ? state.text + added : '',
      keepsText,
      finished: undefined,
    };
  }

  /** The same list where nothing changes. */
  #stepAll(formulas: readonly Formula[], added: string): readonly Formula[] {
    const strings = this.rules;
    if (formulas.length === 1) {
      const stepped = strings.stepAll(formulas[0], added);
      return stepped === formulas[0] ? formulas : [stepped];
    }
    const stepped = formulas.map((formula) => strings.stepAll(formula, added));
    return stepped.every((formula, i) => formula === formulas[i]) ? formulas : stepped;
  }
}

const empty = { at: 'string', place: inText, text: '', finished: undefined } as const;

function isChecked(formula: Formula): boolean {
  return formula.atom?.type === 'check' || formula.parts.some(isChecked);
}
