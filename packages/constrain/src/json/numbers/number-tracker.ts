import { emptyTrie, type MarkedTrie } from '../sets/marked-trie.js';
import { powerOfTen } from './number-decimal.js';
import { lengthsFor, type NumberLengths, writtenLengths } from './number-lengths.js';
import { canReach, type Mantissa, type Spelling } from './number-reach.js';
import { type Exponents, type NumberBounds, NumberSet } from './number-set.js';

export type NumberStyle = 'any' | 'plain' | 'written';

export interface NumberOptions extends NumberBounds {
  /**
   * `'any'`: every spelling that JSON has, 1.50 and 15e-1 too. `'plain'`: whole numbers without
   * point and exponent; numbers with bounds or a step without exponent; -0 only where there are
   * neither. `'written'`, as people write them: whole numbers without point and exponent, exponents
   * only after one digit from 1 to 9 and up to 12 decimals, without leading zeros, and no -0.
   * Default `'any'`.
   */
  readonly style?: NumberStyle;
  /**
   * How long numbers may be. Default 40 digits, 25 decimals and 3 digits of the exponent, or what
   * bounds need; as people write them 20 digits and 17 decimals, unless bounds are long.
   */
  readonly lengths?: NumberLengths;
  /** Keys of doubles that are not wanted though all else speaks for them. */
  readonly out?: MarkedTrie;
}

/** The text of a number so far. Some continuation makes it a number that is wanted. */
export interface NumberState extends Mantissa {
  readonly at:
    | 'start'
    | 'minus'
    | 'zero'
    | 'whole'
    | 'point'
    | 'fraction'
    | 'e'
    | 'sign'
    | 'exponent';
  /** From the `e` on: the exponents wanted that can still come. */
  readonly exponents: Exponents | undefined;
  readonly negativeExponent: boolean;
  /** Magnitude of the exponent. */
  readonly exponent: number;
  readonly exponentDigits: number;
  /** Next states by byte from `+` on, as far as they were asked for. */
  readonly next: (NumberState | null | undefined)[];
}

export interface NumberTracker {
  /** Before the first byte; undefined: no number is wanted. */
  start(): NumberState | undefined;
  /** Undefined: no number that begins so is wanted. */
  step(state: NumberState, byte: number): NumberState | undefined;
  canEnd(state: NumberState): boolean;
}

/** States known from one start. Then a new start forgets them. */
const maxKept = 5_000;

/**
 * Decimals before an exponent that people write. If digits go on forever, an exponent does not end
 * them.
 */
const mostBeforeExponent = 12;

const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;

/**
 * Numbers as JSON spells them, byte by byte, in exact decimals: a text is alive exactly as long as
 * a number that is wanted begins so, is no longer than `lengths` and finite as a double.
 */
export function numberTracker(options: NumberOptions): NumberTracker {
  return new Tracker(options);
}

class Tracker implements NumberTracker {
  readonly #numbers: NumberSet;
  /** Without -0, where it is not written. */
  readonly #nonZero: NumberSet;
  readonly #spelling: Spelling;
  /** For numbers with an exponent; undefined if they are spelled like others. */
  readonly #scientific: Spelling | undefined;
  readonly #largestExponent: number;
  #start: NumberState;
  readonly #isEmpty: boolean;
  #kept = 0;

  constructor({ style = 'any', lengths: given, out, integer = false, ...limits }: NumberOptions) {
    const isWritten = style === 'written';
    const lengths = given ?? (isWritten ? writtenLengths(limits) : lengthsFor(limits));
    const { notMultipleOf: _, ...limiting } = limits;
    const isLimited = Object.values(limiting).some((limit) => limit !== undefined);
    const isAny = style === 'any';
    this.#spelling = {
      lengths,
      allowsFraction: isAny || !integer,
      allowsExponent: isAny || !(isWritten || integer || isLimited),
    };
    if (isWritten)
      this.#scientific = {
        lengths: {
          ...lengths,
          integer: 1,
          fraction: Math.min(lengths.fraction, mostBeforeExponent),
        },
        allowsFraction: !integer,
        allowsExponent: !integer,
      };
    this.#largestExponent = 10 ** lengths.exponent - 1;
    const set = (negativeZero: boolean) =>
      new NumberSet({ integer, ...limits }, lengths.fraction, negativeZero, out ?? emptyTrie);
    this.#numbers = set(isAny || isWritten || !isLimited);
    this.#nonZero = isWritten ? set(false) : this.#numbers;
    this.#start = emptyText();
    this.#isEmpty = !this.#canGoOn(this.#start);
  }

  start(): NumberState | undefined {
    if (this.#kept > maxKept) {
      this.#start = emptyText();
      this.#kept = 0;
    }
    return this.#isEmpty ? undefined : this.#start;
  }

  step(state: NumberState, byte: number): NumberState | undefined {
    if (byte < plus || byte > 0x65) return undefined;
    const known = state.next[byte - plus];
    if (known !== undefined) return known ?? undefined;
    const next = this.#read(state, byte);
    const alive = next && this.#isAlive(next) ? next : undefined;
    state.next[byte - plus] = alive ?? null;
    this.#kept++;
    return alive;
  }

  canEnd(state: NumberState): boolean {
    switch (state.at) {
      case 'zero':
      case 'whole':
      case 'fraction':
        return this.#setOf(state).has(state.negative, state.digits, state.decimals ?? 0);
      case 'exponent':
        return contains(state.exponents!, state.negativeExponent, state.exponent, state.exponent);
      default:
        return false;
    }
  }

  /** Checks what JSON's syntax and the lengths allow. */
  #read(state: NumberState, byte: number): NumberState | undefined {
    const { at, decimals = 0 } = state;
    const { lengths, allowsFraction } = this.#spelling;
    if (byte >= zero && byte <= nine) return this.#readDigit(state, byte - zero);
    if (byte === minus && at === 'start') return follow(state, { at: 'minus', negative: true });
    if ((byte === plus || byte === minus) && at === 'e')
      return follow(state, { at: 'sign', negativeExponent: byte === minus });
    if (byte === point && allowsFraction && (at === 'zero' || at === 'whole'))
      return lengths.fraction > 0 ? follow(state, { at: 'point', decimals }) : undefined;
    if ((byte | 0x20) === 0x65 && this.#takesExponent(state)) {
      if (at !== 'zero' && at !== 'whole' && at !== 'fraction') return undefined;
      const { negative, digits } = state;
      const exponents = this.#numbers.exponents(negative, digits, decimals, this.#largestExponent);
      return exponents && follow(state, { at: 'e', exponents });
    }
    return undefined;
  }

  #takesExponent({ digits, whole, decimals = 0 }: NumberState): boolean {
    if (!this.#scientific) return this.#spelling.allowsExponent;
    const { lengths, allowsExponent } = this.#scientific;
    return (
      allowsExponent &&
      whole === 1 &&
      decimals <= lengths.fraction &&
      digits >= powerOfTen(decimals)
    );
  }

  /** The range of numbers with these first digits. */
  #setOf({ negative, digits }: NumberState): NumberSet {
    return negative && digits === 0n ? this.#nonZero : this.#numbers;
  }

  #readDigit(state: NumberState, digit: number): NumberState | undefined {
    const { lengths } = this.#spelling;
    const { digits, whole, decimals = 0, exponent, exponentDigits } = state;
    const appended = digits * 10n + BigInt(digit);
    switch (state.at) {
      case 'start':
      case 'minus':
        return follow(state, { at: digit === 0 ? 'zero' : 'whole', digits: appended, whole: 1 });
      case 'whole':
        if (whole === lengths.integer) return undefined;
        return follow(state, { digits: appended, whole: whole + 1 });
      case 'point':
      case 'fraction':
        if (decimals === lengths.fraction) return undefined;
        return follow(state, { at: 'fraction', digits: appended, decimals: decimals + 1 });
      case 'e':
      case 'sign':
      case 'exponent':
        if (exponentDigits === lengths.exponent) return undefined;
        if (this.#scientific && exponentDigits === 0 && digit === 0) return undefined;
        return follow(state, {
          at: 'exponent',
          exponent: exponent * 10 + digit,
          exponentDigits: exponentDigits + 1,
        });
      default:
        return undefined;
    }
  }

  #isAlive(state: NumberState): boolean {
    switch (state.at) {
      case 'zero':
      case 'whole':
      case 'point':
      case 'fraction':
        return this.#canReach(state);
      case 'sign':
      case 'exponent':
        return this.#reachesExponent(state);
      // Exponents are known to follow an `e`.
      case 'e':
        return !this.#scientific || this.#canGoOn(state) || this.#canSign(state);
      default:
        return this.#canGoOn(state);
    }
  }

  #canGoOn(state: NumberState): boolean {
    if (state.at === 'start' && this.step(state, minus)) return true;
    for (let digit = zero; digit <= nine; digit++) if (this.step(state, digit)) return true;
    return false;
  }

  #canSign(state: NumberState): boolean {
    return this.step(state, minus) !== undefined || this.step(state, plus) !== undefined;
  }

  #canReach(state: NumberState): boolean {
    return (
      canReach(this.#setOf(state), this.#spelling, state) ||
      (this.#scientific !== undefined &&
        this.#takesExponent(state) &&
        canReach(this.#numbers, this.#scientific, state))
    );
  }

  #reachesExponent({
    exponents,
    negativeExponent,
    exponent,
    exponentDigits,
  }: NumberState): boolean {
    const further = this.#spelling.lengths.exponent - exponentDigits;
    for (let width = 1, i = 0; i <= further; i++, width *= 10) {
      // An exponent that is written does not begin with zero.
      const first = Math.max(exponent * width, this.#scientific && exponent === 0 ? 1 : 0);
      const last = (exponent + 1) * width - 1;
      if (first <= last && contains(exponents!, negativeExponent, first, last)) return true;
    }
    return false;
  }
}

function emptyText(): NumberState {
  return {
    at: 'start',
    negative: false,
    digits: 0n,
    whole: 0,
    decimals: undefined,
    exponents: undefined,
    negativeExponent: false,
    exponent: 0,
    exponentDigits: 0,
    next: [],
  };
}

function follow(state: NumberState, change: Partial<NumberState>): NumberState {
  return { ...state, ...change, next: [] };
}

/** Whether an exponent of the sign and of a magnitude from `first` to `last` is among them. */
function contains(exponents: Exponents, negative: boolean, first: number, last: number): boolean {
  const [low, high] = negative ? [-last, -first] : [first, last];
  const from = Math.max(low, exponents.first);
  const to = Math.min(high, exponents.last);
  if (!exponents.allows) return from <= to;
  for (let exponent = from; exponent <= to; exponent++) if (exponents.allows(exponent)) return true;
  return false;
}
