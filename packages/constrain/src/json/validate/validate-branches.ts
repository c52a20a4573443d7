import type { KeywordName } from '../schema/keywords.js';
import type { SchemaNode } from '../schema/schema-document.js';
import { has } from '../schema/schemas-under.js';
import { type Judge, type JudgeFactory, judgeBranch, judgePart } from './validate-judge.js';

/** Judges by keywords that apply further schemas to the same value. */
export function branchJudges(node: SchemaNode, factory: JudgeFactory): Judge[] {
  const judges: Judge[] = [];
  const branches = (keyword: KeywordName) => factory.under(node, keyword);
  if (has(node, 'allOf')) judges.push(...branches('allOf'));
  if (has(node, 'anyOf')) judges.push(countOf(branches('anyOf'), (count) => count > 0));
  if (has(node, 'oneOf')) judges.push(countOf(branches('oneOf'), (count) => count === 1));
  if (has(node, 'not')) {
    const judge = factory.child(node, 'not');
    judges.push((value, scope) => !judgePart(judge, value, scope));
  }
  if (has(node, 'if')) judges.push(conditional(node, factory));
  return judges;
}

/** All branches are tried: each that is right tells what it looked at. */
function countOf(branches: readonly Judge[], isRight: (count: number) => boolean): Judge {
  return (value, scope, evaluated) =>
    isRight(branches.filter((judge) => judgeBranch(judge, value, scope, evaluated)).length);
}

function conditional(node: SchemaNode, factory: JudgeFactory): Judge {
  const condition = factory.child(node, 'if');
  const branch = (keyword: KeywordName): Judge =>
    has(node, keyword) ? factory.child(node, keyword) : () => true;
  const whenTrue = branch('then');
  const whenFalse = branch('else');
  return (value, scope, evaluated) =>
    judgeBranch(condition, value, scope, evaluated)
      ? whenTrue(value, scope, evaluated)
      : whenFalse(value, scope, evaluated);
}
