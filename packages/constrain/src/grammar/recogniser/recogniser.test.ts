import { describe, expect, it } from 'vitest';
import { compileNetwork } from '../network/network.js';
import { parseGbnf } from '../parse-gbnf.js';
import type { GrammarState } from './column.js';
import { Recogniser } from './recogniser.js';

const never = () => {
  throw new Error('too large');
};

function recogniserOf(source: string, maxHeld?: number): Recogniser {
  return new Recogniser(compileNetwork(parseGbnf(source, 'root'), never), never, maxHeld);
}

/**
 * What is known of a text after each of its bytes: every byte that may follow, the only one, and
 * whether it may end.
 */
function verdicts(recogniser: Recogniser, text: string): string[] {
  const bytes = [...new TextEncoder().encode(text)];
  let state: GrammarState | null = recogniser.start ?? null;
  return [undefined, ...bytes].map((byte) => {
    if (byte !== undefined && state) state = recogniser.step(state, byte);
    if (!state) return 'refused';
    const at: GrammarState = state;
    const next = Array.from({ length: 256 }, (_, other) => recogniser.step(at, other));
    const allowed = next.flatMap((after, other) => (after ? [other] : []));
    const shape = at.within ? undefined : recogniser.shape(at);
    return JSON.stringify([
      allowed,
      recogniser.onlyStep(at)?.byte,
      recogniser.goesOn(at),
      at.within === undefined && at.exits.length > 0,
      shape?.sets.length,
    ]);
  });
}

function endOf(recogniser: Recogniser, text: string): GrammarState | null {
  let state: GrammarState | null = recogniser.start ?? null;
  for (const byte of new TextEncoder().encode(text)) state &&= recogniser.step(state, byte);
  return state;
}

describe('a recogniser that holds little', () => {
  const nested = `root ::= "(" root ")" | "é" root "😀" | "x"`;
  it.each<[name: string, source: string, text: string]>([
    ['nested', nested, `${'(é'.repeat(40)}x${'😀)'.repeat(40)}`],
    ['right recursion', 'root ::= "a" root | "ab" root | "é"', `${'aab'.repeat(30)}é`],
    ['left recursion', 'root ::= root ("a" | "😀" | "b") | "a"', 'a😀b'.repeat(30)],
    ['ambiguous', 'root ::= root root | "a" | "é"', 'aé'.repeat(20)],
    [
      'a sum',
      'root ::= root "+" t | t\nt ::= t "*" f | f\nf ::= "(" root ")" | [a-zé]+',
      `${'(a*é+'.repeat(20)}b${')'.repeat(20)}`,
    ],
  ])('says the same as one that forgets nothing: %s', (_, source, text) => {
    const expected = verdicts(recogniserOf(source), text);
    expect(expected.at(-1)).not.toBe('refused');
    for (const maxHeld of [0, 300, 3_000])
      expect(verdicts(recogniserOf(source, maxHeld), text)).toEqual(expected);
  });

  it('forgets, where another finds its columns again', () => {
    const text = `${'('.repeat(40)}x`;
    const [keeping, forgetting] = [recogniserOf(nested), recogniserOf(nested, 300)];
    expect(endOf(keeping, text)).toBe(endOf(keeping, text));
    expect(endOf(forgetting, text)).not.toBe(endOf(forgetting, text));
  });
});
