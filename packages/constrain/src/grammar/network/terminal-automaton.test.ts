import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grammar } from '../../constraints/grammar.js';
import { accepts, isViablePrefix } from '../../contract/accepts.js';

const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'pattern' },
    fc.constantFrom('a', 'b', 'é', '[ab]', '[^a]', '.'),
    fc.tuple(tie('pattern'), tie('pattern')).map(([first, second]) => first + second),
    fc.tuple(tie('pattern'), tie('pattern')).map(([first, second]) => `(?:${first}|${second})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{1,2}'))
      .map(([part, count]) => `(?:${part})${count}`),
  ),
}));

const texts = [''];
for (const text of texts)
  if (text.length < 4) for (const char of ['a', 'b', 'é']) texts.push(text + char);

/** The texts that a pattern matches as a regular expression of JavaScript. */
function matched(pattern: string): Set<string> {
  const whole = new RegExp(`^(?:${pattern})$`, 'u');
  return new Set(texts.filter((text) => whole.test(text)));
}

function accepted(terminal: string): string[] {
  const constraint = grammar(`start: A\nA: ${terminal}`);
  return texts.filter((text) => accepts(constraint, text));
}

describe('operations on terminals, against regular expressions of JavaScript', () => {
  it('and, not', () => {
    fc.assert(
      fc.property(pattern, pattern, (first, second) => {
        const [ofFirst, ofSecond] = [matched(first), matched(second)];
        const both = texts.filter((text) => ofFirst.has(text) && ofSecond.has(text));
        expect(accepted(`/${first}/ & /${second}/`)).toEqual(both);
        expect(accepted(`~/${first}/`)).toEqual(texts.filter((text) => !ofFirst.has(text)));
        const only = texts.filter((text) => ofFirst.has(text) && !ofSecond.has(text));
        expect(accepted(`/${first}/ & ~/${second}/`)).toEqual(only);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it('lazy', () => {
    fc.assert(
      fc.property(pattern, (pattern) => {
        const constraint = grammar(`start[lazy]: /${pattern}/`);
        const all = [...matched(pattern)];
        const shortest = all.filter(
          (text) => !all.some((other) => other.length < text.length && text.startsWith(other)),
        );
        expect(texts.filter((text) => accepts(constraint, text))).toEqual(shortest);
      }),
      { seed: 12, numRuns: 80 },
    );
  });

  it('leaves nothing alive that cannot be finished', () => {
    const constraint = grammar('start: A\nA: /[ab]+c/ & ~/.*b.*/');
    expect(isViablePrefix(constraint, 'aa')).toBe(true);
    expect(isViablePrefix(constraint, 'aab')).toBe(false);
    expect(grammar('start: A\nA: /a+/ & /b+/').start()).toBeUndefined();
  });
});
