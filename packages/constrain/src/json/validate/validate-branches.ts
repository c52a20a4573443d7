import type { SchemaNode } from '../schema/schema-document.js';
import { type Judge, type JudgeFactory, judgeBranch, judgePart } from './validate-judge.js';

/** Judges by keywords that apply further schemas to the same value. */
export function branchJudges(node: SchemaNode, factory: JudgeFactory): Judge[] {
  const { schema, draft } = node;
  const judges: Judge[] = [];
  const branches = (keyword: string) =>
    Array.isArray(schema[keyword])
      ? schema[keyword].map((_, i) => factory.child(node, keyword, i))
      : [];
  judges.push(...branches('allOf'));
  if (schema.anyOf) judges.push(countOf(branches('anyOf'), (count) => count > 0));
  if (schema.oneOf) judges.push(countOf(branches('oneOf'), (count) => count === 1));
  if ('not' in schema) {
    const judge = factory.child(node, 'not');
    judges.push((value, scope) => !judgePart(judge, value, scope));
  }
  if ('if' in schema && draft >= 7) judges.push(conditional(node, factory));
  return judges;
}

/** All branches are tried: each that is right tells what it looked at. */
function countOf(branches: readonly Judge[], isRight: (count: number) => boolean): Judge {
  return (value, scope, evaluated) =>
    isRight(branches.filter((judge) => judgeBranch(judge, value, scope, evaluated)).length);
}

function conditional(node: SchemaNode, factory: JudgeFactory): Judge {
  const condition = factory.child(node, 'if');
  const branch = (keyword: string): Judge =>
    keyword in node.schema ? factory.child(node, keyword) : () => true;
  const whenTrue = branch('then');
  const whenFalse = branch('else');
  return (value, scope, evaluated) =>
    judgeBranch(condition, value, scope, evaluated)
      ? whenTrue(value, scope, evaluated)
      : whenFalse(value, scope, evaluated);
}
