import { isMultiple } from '../numbers/number-decimal.js';
import type { JsonObject } from '../schema/json-object.js';
import type { SchemaNode } from '../schema/schema-document.js';
import { has } from '../schema/schemas-under.js';
import { canonicalText } from './canonical-text.js';
import type { Judge, JudgeFactory } from './validate-judge.js';

type NumberTest = (value: number) => boolean;

/** Judges by keywords about values as a whole, numbers and strings. */
export function scalarJudges(node: SchemaNode, factory: JudgeFactory): Judge[] {
  const { schema } = node;
  const judges: Judge[] = [];
  if ('type' in schema) judges.push(hasType(schema.type));
  if (Array.isArray(schema.enum)) judges.push(isOneOf(schema.enum));
  if (has(node, 'const')) judges.push(isOneOf([schema.const]));
  for (const test of numberTests(schema))
    judges.push((value) => typeof value !== 'number' || test(value));
  for (const test of stringTests(schema, factory))
    judges.push((value) => typeof value !== 'string' || test(value));
  return judges;
}

function hasType(type: unknown): Judge {
  const types = new Set(Array.isArray(type) ? type : [type]);
  return (value) => types.has(typeOf(value)) || (types.has('integer') && Number.isInteger(value));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isOneOf(values: readonly unknown[]): Judge {
  const texts = new Set(values.map(canonicalText));
  return (value) => texts.has(canonicalText(value));
}

function numberTests(schema: JsonObject): NumberTest[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const tests: NumberTest[] = [];
  if (typeof minimum === 'number')
    // Draft 4: true makes the bound exclusive.
    tests.push((n) => (exclusiveMinimum === true ? n > minimum : n >= minimum));
  if (typeof maximum === 'number')
    tests.push((n) => (exclusiveMaximum === true ? n < maximum : n <= maximum));
  if (typeof exclusiveMinimum === 'number') tests.push((n) => n > exclusiveMinimum);
  if (typeof exclusiveMaximum === 'number') tests.push((n) => n < exclusiveMaximum);
  if (typeof multipleOf === 'number')
    tests.push((n) => Number.isFinite(n) && isMultiple(n, multipleOf));
  return tests;
}

function stringTests(schema: JsonObject, factory: JudgeFactory): ((text: string) => boolean)[] {
  const { minLength, maxLength, pattern, format } = schema;
  const tests: ((text: string) => boolean)[] = [];
  if (typeof minLength === 'number') tests.push((text) => [...text].length >= minLength);
  if (typeof maxLength === 'number') tests.push((text) => [...text].length <= maxLength);
  if (typeof pattern === 'string') tests.push(factory.patternOf(pattern));
  const hasFormat = typeof format === 'string' ? factory.formatOf(format) : undefined;
  if (hasFormat) tests.push(hasFormat);
  return tests;
}
