import { isObject, type JsonObject } from '../schema/json-object.js';
import type { SchemaNode } from '../schema/schema-document.js';
import { has } from '../schema/schemas-under.js';
import {
  type Evaluated,
  type Judge,
  type JudgeFactory,
  judgeBranch,
  judgePart,
  type Scope,
} from './validate-judge.js';

type ObjectJudge = (members: JsonObject, scope: Scope, evaluated: Evaluated) => boolean;

/** Judges by keywords about objects. */
export function objectJudges(node: SchemaNode, factory: JudgeFactory): Judge[] {
  const { minProperties, maxProperties, required } = node.schema;
  const judges: ObjectJudge[] = [];
  if (typeof minProperties === 'number')
    judges.push((members) => Object.keys(members).length >= minProperties);
  if (typeof maxProperties === 'number')
    judges.push((members) => Object.keys(members).length <= maxProperties);
  if (Array.isArray(required)) judges.push(hasAll(required));
  judges.push(...memberJudges(node, factory));
  if (has(node, 'propertyNames')) {
    const judge = factory.child(node, 'propertyNames');
    judges.push((members, scope) =>
      Object.keys(members).every((name) => judgePart(judge, name, scope)),
    );
  }
  for (const keyword of dependencies)
    if (has(node, keyword)) judges.push(...dependencyJudges(node, keyword, factory));
  return judges.map(ofObjects);
}

const dependencies = ['dependencies', 'dependentRequired', 'dependentSchemas'] as const;

/** Judges what no other keyword has looked at. */
export function unevaluatedPropertiesJudges(node: SchemaNode, factory: JudgeFactory): Judge[] {
  if (!has(node, 'unevaluatedProperties')) return [];
  const judge = factory.child(node, 'unevaluatedProperties');
  return [
    ofObjects((members, scope, evaluated) =>
      Object.entries(members).every(([name, member]) => {
        if (evaluated.properties.has(name)) return true;
        evaluated.properties.add(name);
        return judgePart(judge, member, scope);
      }),
    ),
  ];
}

function ofObjects(judge: ObjectJudge): Judge {
  return (value, scope, evaluated) => !isObject(value) || judge(value, scope, evaluated);
}

function hasAll(names: readonly string[]): ObjectJudge {
  return (members) => names.every((name) => Object.hasOwn(members, name));
}

function memberJudges(node: SchemaNode, factory: JudgeFactory): ObjectJudge[] {
  const { properties = {}, patternProperties = {} } = node.schema;
  const named = new Map(
    Object.keys(properties as JsonObject).map((name) => [
      name,
      factory.child(node, 'properties', name),
    ]),
  );
  const patterns = Object.keys(patternProperties as JsonObject).map((source) => ({
    matches: factory.patternOf(source),
    judge: factory.child(node, 'patternProperties', source),
  }));
  const additional = has(node, 'additionalProperties')
    ? factory.child(node, 'additionalProperties')
    : undefined;
  if (named.size === 0 && patterns.length === 0 && !additional) return [];
  return [
    (members, scope, evaluated) =>
      Object.entries(members).every(([name, member]) => {
        const judges = patterns.filter(({ matches }) => matches(name)).map(({ judge }) => judge);
        const own = named.get(name);
        if (own) judges.push(own);
        if (judges.length === 0 && additional) judges.push(additional);
        if (judges.length > 0) evaluated.properties.add(name);
        return judges.every((judge) => judgePart(judge, member, scope));
      }),
  ];
}

/** Each holds where a member of its name is there. */
function dependencyJudges(node: SchemaNode, keyword: string, factory: JudgeFactory): ObjectJudge[] {
  return Object.entries(node.schema[keyword] as JsonObject).map(([name, needed]) => {
    const judge: ObjectJudge = Array.isArray(needed)
      ? hasAll(needed)
      : branch(factory.child(node, keyword, name));
    return (members, scope, evaluated) =>
      !Object.hasOwn(members, name) || judge(members, scope, evaluated);
  });
}

function branch(judge: Judge): ObjectJudge {
  return (members, scope, evaluated) => judgeBranch(judge, members, scope, evaluated);
}
