import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Constraint } from './constraint.js';
import { MaskCache } from './mask-cache.js';
import { Automaton } from './regex/automaton.js';
import { Completions } from './regex/completion.js';
import { parsePattern } from './regex/parse-pattern.js';
import { compileProgram } from './regex/program.js';
import type { RegexState } from './regex/regex-state.js';
import { UnsupportedPatternError } from './regex/unsupported-pattern-error.js';
import { emptyMask } from './token-mask.js';

const patternSchema = z.instanceof(RegExp, { error: 'is a regular expression such as /[0-9]+/' });
/** Bytes of `forced` at once. */
const maxForced = 256;

/**
 * Text that a JavaScript regular expression matches as a whole: `^` and `$` are implied, and text is anything the pattern allows, so
 * write `[\s\S]*` around a part. Compiled to a deterministic automaton over UTF-8 bytes, as far as generations go into it:
 * a check is a table look-up per byte, no pattern is slow, and a text that no continuation can complete is refused at its first
 * hopeless byte.
 *
 * Flags i, m, s, u. `.` and negated classes match code points, as with flag u, with it or without. Look-ahead, look-behind and word
 * boundaries are exact, at every place. Backreferences and patterns of more than 50,000 steps are refused.
 * @throws UnsupportedPatternError with the position and the way out, and while a text is read where look-arounds need more than their limit
 * of states or memory; InvalidOptionsError when it is no RegExp
 */
export function regex(pattern: RegExp): Constraint<RegexState> {
  parseOptions('regex', patternSchema, pattern);
  const program = compileProgram(parsePattern(pattern), pattern.source);
  const automaton = new Automaton(program, (reason) => {
    throw new UnsupportedPatternError(pattern.source, 0, reason);
  });
  const masks = new MaskCache<RegexState>();
  const completions = new Completions(program, automaton);
  return {
    name: `regex ${pattern}`,
    start: () => automaton.start,
    advance(state, bytes) {
      let at: RegexState | null = state;
      for (let i = 0; i < bytes.length; i++) {
        at = automaton.step(at, bytes[i]);
        if (at === null) return undefined;
      }
      return at;
    },
    canEnd: (state) => state.accepting,
    mustEnd: (state) => automaton.isLast(state),
    forced(state) {
      const bytes: number[] = [];
      for (let at = state; !at.accepting && bytes.length < maxForced; ) {
        const only = automaton.onlyStep(at);
        if (!only) break;
        bytes.push(only.byte);
        at = only.next;
      }
      return Uint8Array.from(bytes);
    },
    acceptsAll: (state) => automaton.acceptsAll(state),
    completion: (state) => completions.of(state),
    mask: (state, trie) =>
      masks.get(state, trie, () => {
        const mask = emptyMask(trie);
        if (!automaton.isLast(state)) automaton.setTokens(state, trie, mask);
        return mask;
      }),
  };
}
