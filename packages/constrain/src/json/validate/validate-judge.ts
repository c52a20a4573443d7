import type { KeywordName } from '../schema/keywords.js';
import type { SchemaNode } from '../schema/schema-document.js';

/** Members and items of one value that some keyword has looked at. */
export class Evaluated {
  readonly properties = new Set<string>();
  readonly items = new Set<number>();

  add({ properties, items }: Evaluated): void {
    for (const name of properties) this.properties.add(name);
    for (const index of items) this.items.add(index);
  }
}

/** The resources that evaluation came through, innermost first. */
export interface Scope {
  readonly base: string;
  readonly outer: Scope | undefined;
  /** Schemas that are being evaluated. */
  readonly depth: number;
}

/** Whether a value is right; adds what it looked at to `evaluated`. */
export type Judge = (value: unknown, scope: Scope, evaluated: Evaluated) => boolean;

/** Dependencies of the judges of keywords. */
export interface JudgeFactory {
  /** Judges by the schema below a keyword. */
  child(node: SchemaNode, ...path: readonly (string | number)[]): Judge;
  /** Judges by each of the schemas under a keyword. */
  under(node: SchemaNode, keyword: KeywordName): Judge[];
  patternOf(source: string): (text: string) => boolean;
  formatOf(name: string): ((text: string) => boolean) | undefined;
}

/** Judges a part of a value, which has parts of its own. */
export function judgePart(judge: Judge, part: unknown, scope: Scope): boolean {
  return judge(part, scope, new Evaluated());
}

/**
 * Judges by a subschema that may be wrong, so that what it looked at counts only where it is right.
 */
export function judgeBranch(
  judge: Judge,
  value: unknown,
  scope: Scope,
  evaluated: Evaluated,
): boolean {
  const branch = new Evaluated();
  if (!judge(value, scope, branch)) return false;
  evaluated.add(branch);
  return true;
}
