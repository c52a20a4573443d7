import { parseOptions } from '@pliant/core';
import { z } from 'zod';
import type { Constraint } from './constraint.js';
import { buildMachine } from './json/build-machine.js';
import { forcedBytes } from './json/json-forced.js';
import { jsonMask, maskKey } from './json/json-mask.js';
import type { JsonState } from './json/json-state.js';
import { MaskCache } from './mask-cache.js';

export interface JsonSchemaOptions {
  readonly whitespace?: 'any' | 'none' | 'spaced';
  readonly propertyOrder?: 'any' | 'schema';
  readonly spelling?: 'any' | 'canonical';
  readonly format?: 'assert' | 'annotate';
  readonly strict?: boolean;
  readonly maxDepth?: number;
}

const optionsSchema = z.strictObject({
  whitespace: z.enum(['any', 'none', 'spaced']).default('any'),
  propertyOrder: z.enum(['any', 'schema']).default('any'),
  spelling: z.enum(['any', 'canonical']).default('any'),
  format: z.enum(['assert', 'annotate']).default('assert'),
  strict: z.boolean().default(false),
  maxDepth: z.int().min(1).max(10_000).default(64),
});

export function jsonSchema(
  schema: unknown,
  options: JsonSchemaOptions = {},
): Constraint<JsonState> {
  const settings = parseOptions('jsonSchema', optionsSchema, options);
  const { machine } = buildMachine(schema, settings);
  const masks = new MaskCache<string>();
  return {
    name: 'JSON Schema',
    start: () => machine.start(),
    advance(state, bytes) {
      let at: JsonState | undefined = state;
      for (let i = 0; i < bytes.length && at; i++) at = machine.step(at, bytes[i]);
      return at;
    },
    canEnd: (state) => machine.canEnd(state),
    mustEnd: (state) => state.at === 'end',
    forced: (state) => forcedBytes(machine, state),
    mask: (state, trie) => masks.get(maskKey(state), trie, () => jsonMask(machine, state, trie)),
  };
}
