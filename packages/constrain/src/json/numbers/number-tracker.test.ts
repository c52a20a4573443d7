import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberValues } from '../sets/number-values.js';
import { decimalOf, powerOfTen } from './number-decimal.js';
import { type NumberOptions, type NumberState, numberTracker } from './number-tracker.js';

/** `'dead'` at the first hopeless character, else whether the text may end. */
function judge(options: NumberOptions, text: string): 'dead' | 'alive' | 'complete' {
  const tracker = numberTracker(options);
  let state = tracker.start();
  for (const character of text) state = state && tracker.step(state, character.codePointAt(0)!);
  if (!state) return 'dead';
  return tracker.canEnd(state) ? 'complete' : 'alive';
}

function expectAll(options: NumberOptions, verdicts: Record<string, string>): void {
  const judged = Object.keys(verdicts).map((text) => [text, judge(options, text)]);
  expect(Object.fromEntries(judged)).toEqual(verdicts);
}

describe('numberTracker', () => {
  it('reads every spelling of JSON', () => {
    const complete = ['0', '-0', '10', '1.50', '-0.5', '1e5', '1E+05', '1.25e-10', '-0e0'];
    for (const text of complete) expect(judge({}, text), text).toBe('complete');
    for (const text of ['', '-', '1.', '1e', '1e+', '0.'])
      expect(judge({}, text), text).toBe('alive');
    for (const text of ['01', '-01', '+1', '.5', '1.e5', '1ee', '1e1.5', 'x', '1 ', '--1', '1e+-1'])
      expect(judge({}, text), text).toBe('dead');
  });

  it('takes whole numbers however they are spelled', () => {
    expectAll(
      { integer: true },
      {
        '1.0': 'complete',
        '1.00': 'complete',
        '1e2': 'complete',
        '1.5': 'alive',
        '1.5e1': 'complete',
        '1.5e0': 'alive',
        '1.5e00': 'alive',
        '1.5e000': 'dead',
        '1.5e-': 'dead',
        '150e-1': 'complete',
        '150e-2': 'dead',
        '0.0': 'complete',
        '0.1e1': 'complete',
        '9007199254740993': 'complete',
      },
    );
  });

  it('ends what no continuation brings within the bounds', () => {
    expectAll(
      { minimum: 10, maximum: 20, style: 'plain' },
      {
        '-': 'dead',
        '0': 'dead',
        '1': 'alive',
        '2': 'alive',
        '3': 'dead',
        '10': 'complete',
        '20': 'complete',
        '21': 'dead',
        '20.0': 'complete',
        '20.01': 'dead',
        '1.': 'dead',
        '100': 'dead',
      },
    );
    expectAll(
      { minimum: 10, maximum: 20 },
      {
        '0.001': 'alive',
        '0.001e4': 'complete',
        '3': 'dead',
        '200': 'alive',
        '200e-1': 'complete',
        '1.5e': 'alive',
        '1.5e-': 'dead',
        '1.5e1': 'complete',
        '-': 'dead',
        '21': 'dead',
      },
    );
  });

  it('keeps exclusive bounds, also once JSON.parse rounds to a double', () => {
    expectAll(
      { exclusiveMinimum: 0, exclusiveMaximum: 1, style: 'plain' },
      {
        '0': 'alive',
        '0.0': 'alive',
        '0.5': 'complete',
        '0.9999999999999999': 'complete',
        '0.99999999999999999': 'dead',
        '1': 'dead',
        '-': 'dead',
      },
    );
    expect(judge({ integer: true, exclusiveMaximum: 10, style: 'plain' }, '10')).toBe('dead');
    expect(judge({ exclusiveMinimum: 0 }, '5e-324')).toBe('complete');
    expect(judge({ exclusiveMinimum: 0 }, '1e-324')).toBe('dead');
  });

  it('knows multiples exactly', () => {
    expectAll(
      { multipleOf: 0.01, style: 'plain' },
      {
        '0.07': 'complete',
        '0.070': 'complete',
        '0.071': 'dead',
        '1.1': 'complete',
        '1': 'complete',
      },
    );
    expectAll(
      { multipleOf: 7, minimum: 15, maximum: 30, integer: true, style: 'plain' },
      {
        '1': 'dead',
        '2': 'alive',
        '21': 'complete',
        '28': 'complete',
        '20': 'dead',
        '21.': 'dead',
      },
    );
    expect(judge({ multipleOf: 1e-6 }, '0.000001')).toBe('complete');
    expect(judge({ multipleOf: 1e-6 }, '1e-6')).toBe('complete');
    expect(judge({ multipleOf: 1e-6 }, '1e-7')).toBe('dead');
    expect(judge({ multipleOf: 3 }, '1e')).toBe('dead');
    expect(judge({ multipleOf: 1.5, integer: true }, '4.5e0')).toBe('alive');
    expect(judge({ multipleOf: 1.5, integer: true }, '4.5e')).toBe('alive');
    expect(judge({ multipleOf: 1.5, integer: true }, '45')).toBe('complete');
    expect(judge({ multipleOf: 1.5, integer: true, style: 'plain' }, '4')).toBe('alive');
  });

  it('has room for large and small bounds', () => {
    expect(judge({ minimum: 1e308, style: 'plain' }, `1${'0'.repeat(308)}`)).toBe('complete');
    expect(judge({ minimum: 1e308, style: 'plain' }, '2')).toBe('dead');
    expect(judge({ minimum: 1e308 }, '2e308')).toBe('dead');
    expect(judge({ minimum: 1e308 }, '1.7e308')).toBe('complete');
    expect(judge({ maximum: 1e-30, minimum: 1e-31, style: 'plain' }, `0.${'0'.repeat(29)}1`)).toBe(
      'complete',
    );
    expect(judge({ minimum: 2 ** 53, integer: true }, '9007199254740991')).toBe('alive');
    expect(judge({ minimum: 2 ** 53, integer: true, style: 'plain' }, '9007199254740992')).toBe(
      'complete',
    );
  });

  it('has no state where no number is wanted', () => {
    for (const options of [
      { minimum: 2, maximum: 1 },
      { exclusiveMinimum: 1, exclusiveMaximum: 1 },
      { minimum: 1, maximum: 2, multipleOf: 5 },
      { minimum: 0.1, maximum: 0.9, integer: true },
      { exclusiveMinimum: Number.MAX_VALUE },
    ])
      expect(numberTracker(options).start(), JSON.stringify(options)).toBeUndefined();
    expect(numberTracker({ minimum: 0, maximum: 0 }).start()).toBeDefined();
  });

  it('spells plainly: no -0 within bounds, an exponent only without', () => {
    expect(judge({ style: 'plain' }, '1e5')).toBe('complete');
    expect(judge({ style: 'plain', minimum: -5 }, '1e')).toBe('dead');
    expect(judge({ style: 'plain', minimum: -5 }, '-0')).toBe('alive');
    expect(judge({ style: 'plain', minimum: -5, integer: true }, '-0')).toBe('dead');
    expect(judge({ style: 'plain', minimum: 0 }, '-')).toBe('dead');
    expect(judge({ minimum: 0 }, '-0')).toBe('complete');
    expect(judge({ style: 'plain', integer: true }, '1.')).toBe('dead');
  });

  it('writes as people do', () => {
    const options = { style: 'written' } as const;
    for (const text of ['0', '12.50', '-0.5', '6.02e23', '1E-7', '-1.6e-300', '1e+9', '0.001'])
      expect(judge(options, text), text).toBe('complete');
    for (const text of ['-0e', '0e', '12e', '0.5e', '1e0', '1e+0', '00'])
      expect(judge(options, text), text).toBe('dead');
    expectAll(options, { '-0': 'alive', '-0.0': 'alive', '-0.01': 'complete' });
    expect(judge(options, `1.${'1'.repeat(12)}e5`)).toBe('complete');
    expect(judge(options, `1.${'1'.repeat(13)}e`)).toBe('dead');
    expect(judge(options, '1'.repeat(21))).toBe('dead');
    expect(judge({ ...options, minimum: 1e30 }, `1${'0'.repeat(30)}`)).toBe('complete');
    expect(judge(options, `0.${'1'.repeat(18)}`)).toBe('dead');
    expect(judge({ ...options, minimum: 0 }, '-')).toBe('dead');
    expect(judge({ ...options, minimum: 5, maximum: 5 }, '5e')).toBe('dead');
    expectAll({ ...options, integer: true }, { '1.': 'dead', '1e': 'dead', '-0': 'dead' });
  });

  it('ends after so many digits', () => {
    expect(judge({}, '1'.repeat(40))).toBe('complete');
    expect(judge({}, '1'.repeat(41))).toBe('dead');
    expect(judge({}, `0.${'1'.repeat(26)}`)).toBe('dead');
    expect(judge({}, '1e0001')).toBe('dead');
    expect(judge({}, '1e309')).toBe('dead');
  });

  it('forgets states once there are many', () => {
    const tracker = numberTracker({});
    const first = tracker.start()!;
    let state: NumberState = first;
    for (let i = 0; i < 6_000; i++) {
      state = first;
      for (const digit of String(i)) state = tracker.step(state, digit.charCodeAt(0)) ?? first;
    }
    expect(tracker.start()).not.toBe(first);
    expect(tracker.canEnd(state)).toBe(true);
  });

  it('agrees with trying every number of a few digits', () => {
    const lengths = { integer: 2, fraction: 1, exponent: 1 };
    const bound = fc.oneof(
      fc.constantFrom(0, 1, -1, 0.5, 10, 99, 12.3, -40, 1e-3, 120, 5e4, -7.25),
      fc.integer({ min: -1500, max: 1500 }).map((value) => value / 10),
    );
    const options = fc.record(
      {
        integer: fc.boolean(),
        minimum: bound,
        maximum: bound,
        exclusiveMinimum: bound,
        exclusiveMaximum: bound,
        multipleOf: fc.constantFrom(1, 2, 3, 7, 0.5, 0.1, 0.3, 0.25, 1.5, 10, 25, 40, 1e-3, 0.75),
        notMultipleOf: fc.array(fc.constantFrom(1, 2, 3, 0.2, 0.5), { minLength: 1, maxLength: 2 }),
        among: fc.array(bound, { minLength: 1, maxLength: 12 }),
        style: fc.constantFrom('any' as const, 'plain' as const, 'written' as const),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(options, fc.boolean(), fc.nat(4), (drawn, onlyNarrow, share) => {
        const narrow: NumberOptions = { ...drawn, lengths };
        if (drawn.among) Object.assign(narrow, limitsOf(drawn.among, drawn));
        else if (onlyNarrow && drawn.minimum !== undefined)
          Object.assign(narrow, { maximum: drawn.minimum + 1 });
        // Of the numbers that are left, none of the first, or all but a few.
        const values = [...new Set([...new Oracle(narrow).complete].map(Number))];
        const out = share === 0 ? [] : values.slice(0, Math.ceil((values.length * share) / 4));
        const oracle = new Oracle(narrow, new Set(out));
        const { keys } = NumberValues.of(out);
        const tracker = numberTracker({ ...narrow, out: keys });
        const start = tracker.start();
        expect(start !== undefined, 'start').toBe(oracle.alive.has(''));
        const walk = (state: NumberState, text: string) => {
          if (tracker.canEnd(state) !== oracle.complete.has(text))
            throw new Error(`canEnd(${text}) is ${tracker.canEnd(state)}`);
          for (const character of '0123456789-+.eE') {
            const next = tracker.step(state, character.charCodeAt(0));
            const extended = text + character;
            if ((next !== undefined) !== oracle.alive.has(extended.replace('E', 'e')))
              throw new Error(`step to ${extended} is ${next !== undefined}`);
            if (next && character !== 'E') walk(next, extended);
          }
        };
        if (start) walk(start, '');
      }),
      { numRuns: 40, seed: 6 },
    );
  });
});

const spellings = [...spellingsOf(2, 1)];

/**
 * Every number of up to two digits, a decimal and a digit of exponent, as text and in units of
 * 10^-20.
 */
function* spellingsOf(integer: number, fraction: number) {
  const exponents = [
    '',
    ...['e', 'e+', 'e-'].flatMap((e) => Array.from('0123456789', (d) => e + d)),
  ];
  for (const sign of ['', '-'])
    for (let whole = 0; whole < 10 ** integer; whole++)
      for (let decimals = 0; decimals <= fraction; decimals++)
        for (let part = 0; part < 10 ** decimals; part++)
          for (const exponent of exponents) {
            const tail = decimals === 0 ? '' : `.${String(part).padStart(decimals, '0')}`;
            const digits = BigInt(whole) * powerOfTen(decimals) + BigInt(part);
            const value = digits * powerOfTen(20 + Number(exponent.slice(1) || 0) - decimals);
            const hasExponent = exponent !== '';
            const isNegative = sign === '-';
            yield {
              text: sign + whole + tail + exponent,
              value: isNegative ? -value : value,
              isNegative,
              hasPoint: decimals > 0,
              hasExponent,
            };
          }
}

function limitsOf(among: readonly number[], { minimum, maximum }: NumberOptions) {
  return {
    minimum: Math.max(Math.min(...among), minimum ?? Number.NEGATIVE_INFINITY),
    maximum: Math.min(Math.max(...among), maximum ?? Number.POSITIVE_INFINITY),
  };
}

class Oracle {
  readonly complete = new Set<string>();
  readonly alive = new Set<string>();

  constructor(options: NumberOptions, out: ReadonlySet<number> = new Set()) {
    const { integer, multipleOf } = options;
    const units = (value: number | undefined) => {
      if (value === undefined) return undefined;
      const { digits, exponent } = decimalOf(value);
      return digits * powerOfTen(20 + exponent);
    };
    const among = options.among && new Set(options.among.map((value) => units(value)!));
    const steps = (options.notMultipleOf ?? []).map((value) => units(value)!);
    const step = units(multipleOf);
    const least = units(options.minimum);
    const most = units(options.maximum);
    const below = units(options.exclusiveMinimum);
    const above = units(options.exclusiveMaximum);
    const one = powerOfTen(20);
    const isLimited = Object.entries(options).some(
      ([name, value]) => /im|mult/.test(name) && value !== undefined,
    );
    const isPlain = options.style === 'plain';
    for (const { text, value, isNegative, hasPoint, hasExponent } of spellings) {
      if (integer && value % one !== 0n) continue;
      if (out.has(Number(text) + 0)) continue;
      if (among && !among.has(value)) continue;
      if (steps.some((other) => value % other === 0n)) continue;
      if (step !== undefined && value % step !== 0n) continue;
      if (least !== undefined && value < least) continue;
      if (most !== undefined && value > most) continue;
      if (below !== undefined && value <= below) continue;
      if (above !== undefined && value >= above) continue;
      if (isPlain && (integer ? hasPoint || hasExponent : isLimited && hasExponent)) continue;
      if (isPlain && isLimited && isNegative && value === 0n) continue;
      if (options.style === 'written') {
        if (integer && (hasPoint || hasExponent)) continue;
        if (hasExponent && !/^-?[1-9](\.\d)?e[-+]?[1-9]$/.test(text)) continue;
        if (isNegative && value === 0n) continue;
      }
      this.complete.add(text);
      for (let end = 0; end <= text.length; end++) this.alive.add(text.slice(0, end));
    }
  }
}
