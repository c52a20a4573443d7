import type { SchemaNode } from '../schema/schema-document.js';
import { has, itemKeywords } from '../schema/schemas-under.js';
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
  if (!has(node, 'unevaluatedItems')) return [];
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
  const keywords = itemKeywords(node);
  const judges = keywords.tuple ? factory.under(node, keywords.tuple) : [];
  const rest = has(node, keywords.rest) ? factory.child(node, keywords.rest) : undefined;
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
  if (!has(node, 'contains')) return [];
  const judge = factory.child(node, 'contains');
  const { minContains, maxContains } = node.schema;
  const least = has(node, 'minContains') ? Number(minContains) : 1;
  const most = has(node, 'maxContains') ? Number(maxContains) : Number.POSITIVE_INFINITY;
  return [
    (items, scope, evaluated) => {
      let count = 0;
      for (const [i, item] of items.entries()) {
        if (!judgePart(judge, item, scope)) continue;
        count++;
        if (node.draft >= 2020) evaluated.items.add(i);
      }
      return count >= least && count <= most;
    },
  ];
}
