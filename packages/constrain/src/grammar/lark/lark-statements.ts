import { parsePattern } from '../../regex/syntax/parse-pattern.js';
import type { RuleTable } from '../rules/rule-table.js';
import type { SourceReader } from '../rules/source-reader.js';
import { larkCommon } from './lark-common.js';
import { patternExpression } from './lark-pattern.js';

/**
 * `common.NAME`, `common.NAME -> OTHER` or `common (NAME, NAME)`, after `%import`: terminals that
 * Lark comes with.
 */
export function readImport(reader: SourceReader, rules: RuleTable): void {
  const position = reader.at;
  const path = reader.match(/\.?[\w.]+/y)?.[0].split('.') ?? [];
  if (path[0] !== 'common' || path.length > 2)
    reader.fail(
      'only terminals of the module common can be imported: write the rules out',
      position,
    );
  reader.match(/[ \t]*/y);
  const names = path.length === 2 ? [path[1]] : reader.match(/\(([\w\s,]*)\)/y)?.[1].split(',');
  if (!names) reader.fail('%import common.NAME or %import common (NAME, NAME) expected', position);
  const alias = names!.length === 1 && reader.match(/->\s*(\w+)/y)?.[1];
  for (const name of names!.map((name) => name.trim())) {
    if (!Object.hasOwn(larkCommon, name))
      reader.fail(
        `common has no '${name}'. It has ${Object.keys(larkCommon).join(', ')}`,
        position,
      );
    const tree = parsePattern(larkCommon[name]);
    const body = patternExpression(tree, (reason) => reader.fail(reason, position));
    rules.define(alias || name, position, body);
  }
}

/**
 * The settings of `%llguidance`.
 * @param position of the statement, for the error
 * @returns whether ignored text may stand before the first terminal; undefined if that is not said
 */
export function readSettings(reader: SourceReader, position: number): boolean | undefined {
  const settings = reader.match(/\{\s*(?:"allow_initial_skip"\s*:\s*(true|false)\s*)?\}/y);
  if (!settings)
    reader.fail(
      '%llguidance {} and {"allow_initial_skip": true} are all that is supported. Remove other settings',
      position,
    );
  return settings![1] === undefined ? undefined : settings![1] === 'true';
}
