import type { SourceReader } from '../rules/source-reader.js';

/** Features of Lark and llguidance that this package does not have, each with the way out. */
const unsupported: readonly (readonly [syntax: RegExp, reason: string])[] = [
  [/%json/y, '%json is not supported. Use jsonSchema() for the whole text, or write the rules out'],
  [/%regex/y, '%regex is not supported. Write the substrings as alternatives, or use extract()'],
  [
    /%(?:declare|override|extend)/y,
    '%declare, %override and %extend are not supported. Write the rules out',
  ],
  [/</y, 'control tokens are not supported: a grammar is over text. Keep them out of the grammar'],
  [/@/y, 'grammars within grammars are not supported. Write the rules out'],
  [/::/y, 'rules with parameters are not supported. Write the rules out'],
  [/\{\s*[A-Za-z_]/y, 'templates are not supported. Write the rules out'],
  [/\[/y, 'attributes of terminals are not supported. Give them to a rule, in lower case'],
  [/[&~]/y, "'&' and '~' are for terminals. Name the whole in upper case"],
];

/** Throws if one of these stands here. */
export function refuseLark(reader: SourceReader): undefined {
  for (const [syntax, reason] of unsupported) {
    const position = reader.at;
    if (reader.match(syntax)) reader.fail(reason, position);
  }
}
