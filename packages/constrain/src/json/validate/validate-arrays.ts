import type { SchemaNode } from '../schema/schema-document.js';
import { canonicalText } from './canonical-text.js';
import {
  type Evaluated,
  type Judge,
  type JudgeFactory,
  judgePart,
  type Scope,
} from './validate-judge.js';

type ArrayJudge = (items: readonly unknown[], scope: Scope, evaluated: Evaluated) => boolean;

/** Judges by keywords about arrays. */
export function arrayJudges(node: SchemaNode, factory: JudgeFactory): Judge[] {
  const { schema } = node;
  const { minItems, maxItems } = schema;
  const judges: ArrayJudge[] = [];
  if (typeof minItems === 'number') judges.push((items) => items.length >= minItems);
  if (typeof maxItems === 'number') judges.push((items) => items.length <= maxItems);
  if (schema.uniqueItems === true)
    judges.push((items) => new Set(items.map(canonicalText)).size === items.length);
  judges.push(...itemJudges(node, factory), ...containsJudges(node, factory));
  return judges.map(ofArrays);
}

/** Judges what no other keyword has looked at. */
export function unevaluatedItemsJudges(node: SchemaNode, factory: JudgeFactory): Judge[] {
  if (!('unevaluatedItems' in node.schema) || node.draft < 2019) return [];
  const judge = factory.child(node, 'unevaluatedItems');
  return [
    ofArrays((items, scope, evaluated) =>
      items.every((item, i) => {
        if (evaluated.items.has(i)) return true;
        evaluated.items.add(i);
        return judgePart(judge, item, scope);
      }),
    ),
  ];
}

function ofArrays(judge: ArrayJudge): Judge {
  return (value, scope, evaluated) => !Array.isArray(value) || judge(value, scope, evaluated);
}

function itemJudges(node: SchemaNode, factory: JudgeFactory): ArrayJudge[] {
  const { schema, draft } = node;
  const isTuple = Array.isArray(schema.items);
  const tuple = isTuple ? 'items' : 'prefixItems';
  const first = isTuple || draft >= 2020 ? schema[tuple] : undefined;
  const judges = Array.isArray(first) ? first.map((_, i) => factory.child(node, tuple, i)) : [];
  const keyword = isTuple ? 'additionalItems' : 'items';
  const rest = keyword in schema ? factory.child(node, keyword) : undefined;
  if (judges.length === 0 && !rest) return [];
  return [
    (items, scope, evaluated) =>
      items.every((item, i) => {
        const judge = judges[i] ?? rest;
        if (!judge) return true;
        evaluated.items.add(i);
        return judgePart(judge, item, scope);
      }),
  ];
}

function containsJudges(node: SchemaNode, factory: JudgeFactory): ArrayJudge[] {
  const { schema, draft } = node;
  if (!('contains' in schema) || draft < 6) return [];
  const judge = factory.child(node, 'contains');
  const { minContains, maxContains } = draft >= 2019 ? schema : {};
  const least = typeof minContains === 'number' ? minContains : 1;
  const most = typeof maxContains === 'number' ? maxContains : Number.POSITIVE_INFINITY;
  return [
    (items, scope, evaluated) => {
      let count = 0;
      for (const [i, item] of items.entries()) {
        if (!judgePart(judge, item, scope)) continue;
        count++;
        if (draft >= 2020) evaluated.items.add(i);
      }
      return count >= least && count <= most;
    },
  ];
}
