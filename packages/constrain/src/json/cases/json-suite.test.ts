import { readdirSync } from 'node:fs';
import { fixturePath, readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { type JsonSchemaOptions, jsonSchema } from '../../constraints/json-schema.js';
import { accepts } from '../../contract/accepts.js';
import { SchemaError } from '../schema/schema-error.js';

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

const suite = 'vectors/json-schema-test-suite';

function groups(part: string): [string, Group][] {
  return readdirSync(fixturePath(`${suite}/${part}`)).flatMap((file) =>
    readJson<Group[]>(`${suite}/${part}/${file}`).map((group): [string, Group] => [
      `${file}: ${group.description}`,
      group,
    ]),
  );
}

function expectVerdicts(group: Group, options: JsonSchemaOptions): void {
  const constraint = jsonSchema(group.schema, options);
  for (const { description, data, valid } of group.tests)
    expect(accepts(constraint, JSON.stringify(data)), description).toBe(valid);
}

describe('jsonSchema on the JSON Schema test suite', () => {
  it.each(groups('required'))('%s', (_, group) => {
    // The one document that is not embedded.
    if (JSON.stringify(group.schema).includes('"$ref":"https://json-schema.org'))
      expect(() => jsonSchema(group.schema)).toThrow(SchemaError);
    else expectVerdicts(group, { format: 'annotate' });
  });

  it.each(groups('required'))('without blanks: %s', (_, group) => {
    if (JSON.stringify(group.schema).includes('"$ref":"https://json-schema.org')) return;
    expectVerdicts(group, { format: 'annotate', whitespace: 'none' });
  });

  it.each(groups('optional-format'))('formats asserted: %s', (_, group) => {
    expectVerdicts(group, {});
  });
});
