import { readFileSync } from 'node:fs';
import { parseArguments, show } from '@pliant/core';
import { z } from 'zod/v4';
import { presetOptionsSchema } from '../entry.js';
import { PresetError } from '../preset-error.js';
import type { Settings } from '../registry.js';

const fileArguments = z.strictObject({
  settings: z.record(z.string(), presetOptionsSchema.optional()),
});

/**
 * Puts the contents of files in the place of their names: `constrain.grammar=FILE`, and
 * `constrain.schema=FILE` unless the value is an object.
 * @throws PresetError for a file that cannot be read, or a schema that is not JSON
 */
export function readSettingFiles(settings: Settings): Settings {
  parseArguments('readSettingFiles', fileArguments, { settings });
  const { constrain } = settings;
  if (!constrain) return settings;
  const { grammar, schema } = constrain;
  return {
    ...settings,
    constrain: {
      ...constrain,
      ...(grammar !== undefined && { grammar: readFile('grammar', pathOf(grammar)) }),
      ...(schema !== undefined &&
        typeof schema !== 'object' && { schema: parseFile(pathOf(schema)) }),
    },
  };
}

/** A file may be called `5`, which is a number in JSON. */
const pathOf = (value: unknown) => (typeof value === 'string' ? value : show(value));

function parseFile(path: string): unknown {
  const text = readFile('schema', path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PresetError(`constrain.schema ${path}: ${(error as Error).message}`);
  }
}

function readFile(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new PresetError(`constrain.${option} ${path}: ${(error as Error).message}`);
  }
}
