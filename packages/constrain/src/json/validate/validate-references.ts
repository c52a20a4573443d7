import type { SchemaDocument, SchemaNode } from '../schema/schema-document.js';
import { has } from '../schema/schemas-under.js';
import type { Judge, Scope } from './validate-judge.js';

type JudgeOf = (schema: SchemaNode | boolean) => Judge;

/** Judges by the schemas that a schema refers to. */
export function referenceJudges(
  node: SchemaNode,
  document: SchemaDocument,
  judgeOf: JudgeOf,
): Judge[] {
  const { $ref, $dynamicRef, $recursiveRef } = node.schema;
  const judges: Judge[] = [];
  if (typeof $ref === 'string') judges.push(judgeOf(document.resolve(node, $ref)));
  if (typeof $dynamicRef === 'string' && has(node, '$dynamicRef')) {
    const target = document.resolve(node, $dynamicRef, '$dynamicRef');
    const name = $dynamicRef.slice($dynamicRef.indexOf('#') + 1);
    const isDynamic = typeof target === 'object' && target.schema.$dynamicAnchor === name;
    const anchors = isDynamic ? document.anchored('$dynamicAnchor', name) : new Map();
    judges.push(byScope(target, anchors, judgeOf));
  }
  if ($recursiveRef === '#' && has(node, '$recursiveRef')) {
    const target = document.resolve(node, '#');
    const isRecursive = typeof target === 'object' && target.schema.$recursiveAnchor === true;
    const anchors = isRecursive ? document.anchored('$recursiveAnchor', true) : new Map();
    judges.push(byScope(target, anchors, judgeOf));
  }
  return judges;
}

/** The outermost resource that has the anchor decides; the target where none has it. */
function byScope(
  target: SchemaNode | boolean,
  anchors: ReadonlyMap<string, SchemaNode>,
  judgeOf: JudgeOf,
): Judge {
  const judges = new Map([...anchors].map(([base, node]) => [base, judgeOf(node)]));
  const otherwise = judgeOf(target);
  return (value, scope, evaluated) => {
    let judge = otherwise;
    for (let at: Scope | undefined = scope; at; at = at.outer) judge = judges.get(at.base) ?? judge;
    return judge(value, scope, evaluated);
  };
}
