import { SchemaFormulas } from './compile/schema-formulas.js';
import { formatOf, hasFormat } from './formats/format.js';
import { type Formula, Formulas } from './formula/formula.js';
import { type PatternOf, StringPattern } from './formula/string-pattern.js';
import { toBytes } from './formula/word-list.js';
import { JsonMachine } from './machine/json-machine.js';
import { Satisfiability } from './machine/satisfiability.js';
import type { Whitespace } from './machine/whitespace.js';
import { NumberRules } from './numbers/number-rules.js';
import { SchemaChecker } from './schema/check-schema.js';
import { SchemaDocument } from './schema/schema-document.js';
import type { Spelling } from './strings/string-place.js';
import { compileValidator } from './validate/validate.js';

export interface MachineOptions {
  readonly whitespace: Whitespace;
  readonly spelling: Spelling;
  readonly propertyOrder: 'any' | 'schema';
  readonly format: 'assert' | 'annotate';
  readonly strict: boolean;
  readonly maxDepth: number;
  /** Whether something parses the finished value, and may refuse it. */
  readonly isParsed: boolean;
}

export interface BuiltMachine {
  readonly machine: JsonMachine;
  /**
   * The machine to generate by: whitespace, strings and numbers as people write them, if all
   * spellings are accepted.
   */
  readonly written: () => JsonMachine;
  /** Judges finished values, if parts of the schema can only be judged then. */
  readonly isValid: ((value: unknown) => boolean) | undefined;
}

/** @throws SchemaError if it is not a schema; UnsupportedSchemaError where it cannot be enforced */
export function buildMachine(schema: unknown, options: MachineOptions): BuiltMachine {
  const document = new SchemaDocument(schema);
  const patterns = new Map<string, StringPattern>();
  const patternOf: PatternOf = (of) => {
    const key = `${typeof of} ${of}`;
    const known = patterns.get(key);
    if (known) return known;
    const pattern = new StringPattern(typeof of === 'string' ? toExpression(of) : of, 'anywhere');
    patterns.set(key, pattern);
    return pattern;
  };
  const { isJudgedLate } = new SchemaChecker(document, patternOf, {
    format: (name) => options.strict && formatOf(name) === undefined,
    keywords: options.strict,
  }).check();
  const formulas = new Formulas();
  const numbers = new NumberRules(formulas, options.spelling === 'any' ? 'any' : 'plain');
  const formatFormulas = new Map<string, Formula | undefined>();
  const schemas = new SchemaFormulas(document, formulas, numbers, patternOf, (name) => {
    if (options.format === 'annotate') return undefined;
    if (!formatFormulas.has(name)) formatFormulas.set(name, formatFormula(formulas, name));
    return formatFormulas.get(name);
  });
  const values = new Satisfiability(formulas, schemas, numbers, options.propertyOrder);
  const root = schemas.of(document.root);
  const { whitespace, spelling, maxDepth } = options;
  const isJudged = options.isParsed || isJudgedLate;
  const syntax = { whitespace, spelling, maxDepth, isJudged };
  return {
    machine: new JsonMachine(values, root, syntax),
    written: () =>
      new JsonMachine(
        values,
        root,
        {
          ...syntax,
          whitespace: whitespace === 'any' ? 'written' : whitespace,
          spelling: 'canonical',
        },
        spelling === 'any' ? new NumberRules(formulas, 'written') : numbers,
      ),
    isValid: isJudgedLate
      ? compileValidator(schema, {
          patternOf: (source) => (text) => patternOf(source).matches(toBytes(text)),
          formatOf: (name) => {
            const format = options.format === 'assert' ? formatOf(name) : undefined;
            return format && ((text) => hasFormat(format, text));
          },
        })
      : undefined,
  };
}

function formatFormula(formulas: Formulas, name: string): Formula | undefined {
  const format = formatOf(name);
  if (!format) return undefined;
  const { pattern, check } = format;
  const parts: Formula[] = [];
  if (pattern) parts.push(new StringPattern(pattern, 'whole').start(formulas));
  if (check) parts.push(formulas.atom(`f${name}`, () => ({ type: 'check', check })));
  return formulas.and(parts);
}

/**
 * Flag u as the drafts ask; patterns that are none with it, such as /[\_]/, as JavaScript takes
 * them without.
 */
function toExpression(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    return new RegExp(source);
  }
}
