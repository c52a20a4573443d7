import { isObject, type JsonObject, type SchemaNode } from '../schema/schema-document.js';
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
  const { schema, draft } = node;
  const { minProperties, maxProperties, required } = schema;
  const judges: ObjectJudge[] = [];
  if (typeof minProperties === 'number')
    judges.push((members) => Object.keys(members).length >= minProperties);
  if (typeof maxProperties === 'number')
    judges.push((members) => Object.keys(members).length <= maxProperties);
  if (Array.isArray(required)) judges.push(hasAll(required));
  judges.push(...memberJudges(node, factory));
  if ('propertyNames' in schema && draft >= 6) {
    const judge = factory.child(node, 'propertyNames');
    judges.push((members, scope) =>
      Object.keys(members).every((name) => judgePart(judge, name, scope)),
    );
  }
  const dependencies = ['dependencies', ...(draft >= 2019 ? dependentKeywords : [])];
  for (const keyword of dependencies) judges.push(...dependencyJudges(node, keyword, factory));
  return judges.map(ofObjects);
}

const dependentKeywords = ['dependentRequired', 'dependentSchemas'];

/** Judges what no other keyword has looked at. */
export function unevaluatedPropertiesJudges(node: SchemaNode, factory: JudgeFactory): Judge[] {
  if (!('unevaluatedProperties' in node.schema) || node.draft < 2019) return [];
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
  const additional =
    'additionalProperties' in node.schema ? factory.child(node, 'additionalProperties') : undefined;
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
  return Object.entries((node.schema[keyword] as JsonObject) ?? {}).map(([name, needed]) => {
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
