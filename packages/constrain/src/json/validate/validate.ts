import type { KeywordName } from '../schema/keywords.js';
import { SchemaDocument, type SchemaNode } from '../schema/schema-document.js';
import { SchemaError } from '../schema/schema-error.js';
import { schemasUnder } from '../schema/schemas-under.js';
import { arrayJudges, unevaluatedItemsJudges } from './validate-arrays.js';
import { branchJudges } from './validate-branches.js';
import { Evaluated, type Judge, type JudgeFactory, judgeBranch } from './validate-judge.js';
import { objectJudges, unevaluatedPropertiesJudges } from './validate-objects.js';
import { referenceJudges } from './validate-references.js';
import { scalarJudges } from './validate-scalars.js';

export interface ValidatorOptions {
  /** Whether a match of a `pattern` is somewhere in a text. May throw to refuse it. */
  readonly patternOf: (source: string) => (text: string) => boolean;
  /** Undefined for formats that are not asserted. */
  readonly formatOf: (name: string) => ((text: string) => boolean) | undefined;
}

/** Maximum nesting of schemas that are being evaluated. It bounds the stack. */
const maxDepth = 1_000;

/**
 * Whether JSON values satisfy a schema of draft 4, 6, 7, 2019-09 or 2020-12, `$dynamicRef` and
 * `unevaluated...` included. It judges finished values, as doubles, where the automata cannot.
 * Beyond what a schema refers to within itself nothing is loaded.
 * @throws SchemaError if it is not a schema or refers to what it does not hold, also (from the
 * validator) when it refers to itself without end
 */
export function compileValidator(
  schema: unknown,
  options: ValidatorOptions,
): (value: unknown) => boolean {
  const document = new SchemaDocument(schema);
  const judge = new Compiler(document, options).judge(document.root);
  return (value) => judge(value, { base: '', outer: undefined, depth: 0 }, new Evaluated());
}

class Compiler implements JudgeFactory {
  readonly patternOf: ValidatorOptions['patternOf'];
  readonly formatOf: ValidatorOptions['formatOf'];
  readonly #judges = new Map<SchemaNode, readonly Judge[]>();

  constructor(
    readonly document: SchemaDocument,
    options: ValidatorOptions,
  ) {
    this.patternOf = options.patternOf;
    this.formatOf = options.formatOf;
  }

  child(node: SchemaNode, ...path: readonly (string | number)[]): Judge {
    return this.judge(this.document.child(node, ...path));
  }

  under(node: SchemaNode, keyword: KeywordName): Judge[] {
    return schemasUnder(this.document, node, keyword).map((schema) => this.judge(schema));
  }

  judge(node: SchemaNode | boolean): Judge {
    if (typeof node === 'boolean') return () => node;
    const judges = this.#judgesOf(node);
    // Only a schema's own subschemas, not those beside it, decide what it leaves unevaluated.
    const isApart = 'unevaluatedItems' in node.schema || 'unevaluatedProperties' in node.schema;
    return (value, { base, outer, depth }, evaluated) => {
      if (depth > maxDepth)
        throw new SchemaError(
          node.pointer,
          `refers to itself without end, or more than ${maxDepth} deep`,
        );
      const scope =
        base === node.base
          ? { base, outer, depth: depth + 1 }
          : { base: node.base, outer: { base, outer, depth }, depth: depth + 1 };
      const all: Judge = (...judged) => judges.every((judge) => judge(...judged));
      return isApart ? judgeBranch(all, value, scope, evaluated) : all(value, scope, evaluated);
    };
  }

  /** Filled after it is known, so that schemas may refer to themselves. */
  #judgesOf(node: SchemaNode): readonly Judge[] {
    const known = this.#judges.get(node);
    if (known) return known;
    const judges: Judge[] = [];
    this.#judges.set(node, judges);
    judges.push(...referenceJudges(node, this.document, (target) => this.judge(target)));
    judges.push(...scalarJudges(node, this), ...arrayJudges(node, this));
    judges.push(...objectJudges(node, this), ...branchJudges(node, this));
    // Last, since they ask what the others looked at.
    judges.push(...unevaluatedItemsJudges(node, this), ...unevaluatedPropertiesJudges(node, this));
    return judges;
  }
}
