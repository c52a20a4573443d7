import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { isViablePrefix } from '../../contract/accepts.js';

const viable = (schema: object, texts: readonly string[], spelling: 'any' | 'canonical' = 'any') =>
  texts.filter((text) => isViablePrefix(jsonSchema(schema, { spelling }), text));

describe('escapes', () => {
  it('begin only where one of the characters they can become leads on', () => {
    const digits = { type: 'string', pattern: '^[0-9]+$' };
    expect(
      viable(digits, ['"\\', '"\\u', '"\\u0', '"\\u003', '"\\u0039', '"1\\u0039']),
    ).toHaveLength(6);
    expect(viable(digits, ['"\\n', '"\\u1', '"\\ud', '"\\uD83', '"\\ud83d', '"\\u0040'])).toEqual(
      [],
    );
    expect(viable(digits, ['"1\\', '"1\\u'], 'canonical')).toEqual([]);
  });

  it('of pairs begin where the block of a high surrogate has a character that leads on', () => {
    const faces = { type: 'string', pattern: '^[\\u{1f600}-\\u{1f64f}]$' };
    expect(
      viable(faces, ['"\\ud', '"\\uD8', '"\\ud83', '"\\ud83d', '"\\ud83d\\', '"\\ud83d\\ude0']),
    ).toHaveLength(6);
    expect(
      viable(faces, ['"\\u0', '"\\ud9', '"\\ud83e', '"\\ud80', '"\\ud83d\\ud', '"\\ud83d\\ude9']),
    ).toEqual(['"\\ud83d\\ud']);
    expect(viable({ type: 'string' }, ['"\\ud83d', '"\\udbff\\udfff"'])).toHaveLength(2);
  });
});
