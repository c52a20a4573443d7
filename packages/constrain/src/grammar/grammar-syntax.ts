import { GrammarError } from './rules/grammar-error.js';

/**
 * Tells the notation of a grammar by its first rule.
 * @throws GrammarError if it looks like neither
 */
export function grammarSyntax(source: string): 'gbnf' | 'lark' {
  const ahead = /^(?:\s|#[^\r\n]*|\/\/[^\r\n]*)*/.exec(source)![0].length;
  const first = source.slice(ahead, ahead + 1000);
  if (/^[A-Za-z0-9_-]+[ \t]*::=/.test(first)) return 'gbnf';
  if (/^(?:[!?]*[A-Za-z_][\w-]*[ \t]*(?:\.[ \t]*-?\d+[ \t]*)?[:[{]|%)/.test(first)) return 'lark';
  throw new GrammarError(
    source,
    ahead,
    "the grammar begins neither with a rule of GBNF ('root ::= ...') nor of Lark ('start: ...'). Say which it is with the option 'syntax'",
  );
}
