import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Constraint } from '../contract/constraint.js';
import { regexConstraint } from '../regex/regex-constraint.js';
import { parsePattern } from '../regex/syntax/parse-pattern.js';

/** A pattern as text, for what is written in JSON. */
export const regexOptions = z
  .strictObject({ pattern: z.string(), flags: z.string().default('') })
  .superRefine(({ pattern, flags }, context) => {
    try {
      new RegExp(pattern, flags);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as SyntaxError).message });
    }
  });

const patternSchema = z.instanceof(RegExp, {
  error: 'must be a regular expression such as /[0-9]+/',
});

/**
 * Text that a JavaScript regular expression matches as a whole: `^` and `$` are implied, and text
 * is anything the pattern allows, so write `[\s\S]*` around a part. Compiled to a deterministic
 * automaton over UTF-8 bytes, as far as generations go into it: a check is a table look-up per
 * byte, no pattern is slow, and a text that no continuation can complete is refused at its first
 * hopeless byte.
 *
 * Flags i, m, s, u, v. `.` and negated classes match code points, as with flag u, with it or
 * without. Look-ahead, look-behind and word boundaries are exact, at every place. Backreferences
 * and patterns of more than 50,000 steps are refused.
 * @throws UnsupportedPatternError with the position and the way out, and while a text is read where
 * look-arounds need more than their limit of states or memory; InvalidOptionsError when it is not a
 * RegExp
 */
export function regex(pattern: RegExp): Constraint {
  parseOptions('regex', patternSchema, pattern);
  return regexConstraint(`regex ${pattern}`, parsePattern(pattern), pattern.source);
}
