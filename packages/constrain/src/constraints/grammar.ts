import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Constraint } from '../contract/constraint.js';
import { MaskCache } from '../contract/mask-cache.js';
import { grammarSyntax } from '../grammar/grammar-syntax.js';
import { parseLark } from '../grammar/lark/parse-lark.js';
import { GrammarMasks } from '../grammar/masks/grammar-masks.js';
import { compileNetwork } from '../grammar/network/network.js';
import { parseGbnf } from '../grammar/parse-gbnf.js';
import type { GrammarState } from '../grammar/recogniser/column.js';
import { Recogniser } from '../grammar/recogniser/recogniser.js';
import type { Rules } from '../grammar/rules/expression.js';
import { GrammarError } from '../grammar/rules/grammar-error.js';

export interface GrammarOptions {
  /**
   * `'gbnf'` is that of llama.cpp, `'lark'` that of llguidance. Default: what the first rule looks
   * like, `name ::=` or `name:`.
   */
  readonly syntax?: 'gbnf' | 'lark';
  /** The rule that the text as a whole matches. Default: `root` in GBNF, `start` in Lark. */
  readonly start?: string;
}

const sourceSchema = z.string({ error: 'is the text of a grammar' });
export const grammarOptions = z.strictObject({
  syntax: z.enum(['gbnf', 'lark']).optional(),
  start: z.string().optional(),
});

/** Bytes that `forced` looks ahead. */
const maxForced = 256;

/**
 * Text that a context-free grammar derives, in the notation of llama.cpp (GBNF) or of llguidance
 * (Lark). Any grammar: ambiguous, left and right recursive, with rules that derive nothing. A text
 * that no continuation can complete is refused at its first hopeless character, inside it where its
 * first bytes rule out all characters that could stand there. Text is UTF-8; bytes that are not are
 * refused.
 *
 * Recognised by Earley's algorithm over the characters of the text, with columns shared between all
 * texts: where a text stands again as one did before, a check is a table look-up per byte.
 * @throws GrammarError with line, column and the way out; InvalidOptionsError
 */
export function grammar(source: string, options: GrammarOptions = {}): Constraint {
  parseOptions('grammar', sourceSchema, source);
  const { syntax = grammarSyntax(source), start } = parseOptions(
    'grammar',
    grammarOptions,
    options,
  );
  const first = start ?? (syntax === 'gbnf' ? 'root' : 'start');
  const rules = syntax === 'gbnf' ? parseGbnf(source, first) : parseLark(source, first);
  const recogniser = recogniserOf(rules, source);
  const masks = new MaskCache<GrammarState>();
  const shapes = new GrammarMasks(recogniser);
  const constraint: Constraint<GrammarState> = {
    name: `grammar ${syntax} '${first}'`,
    start: () => recogniser.start,
    advance(state, bytes) {
      let at: GrammarState | null = state;
      for (let i = 0; i < bytes.length; i++) {
        at = recogniser.step(at, bytes[i]);
        if (at === null) return undefined;
      }
      return at;
    },
    canEnd: isAccepting,
    mustEnd: (state) => isAccepting(state) && !recogniser.goesOn(state),
    forced(state) {
      const bytes: number[] = [];
      for (let at = state; !isAccepting(at) && bytes.length < maxForced; ) {
        const only = recogniser.onlyStep(at);
        if (!only) break;
        bytes.push(only.byte);
        at = only.next;
      }
      return Uint8Array.from(bytes);
    },
    mask: (state, trie) => masks.get(state, trie, () => shapes.mask(state, trie)),
  };
  return constraint;
}

function recogniserOf(rules: Rules, source: string): Recogniser {
  const network = compileNetwork(rules, (rule, limit) => {
    throw new GrammarError(
      source,
      rules.rules[rule].position,
      `the grammar is larger than ${limit} steps: one a character or class, times the counts around it. Use smaller counts, or * and +`,
    );
  });
  return new Recogniser(network, () => {
    throw new GrammarError(
      source,
      0,
      'too many overlapping character classes. Use fewer or simpler ones',
    );
  });
}

function isAccepting(state: GrammarState): boolean {
  return state.within === undefined && state.exits.length > 0;
}
