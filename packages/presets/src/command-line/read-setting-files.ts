import { readFileSync } from 'node:fs';
import { PresetError } from '../preset-error.js';
import type { Settings } from '../registry.js';

/**
 * Puts the contents of files in the place of their names: `constrain.grammar=FILE`, and `constrain.schema=FILE` unless the value is an object.
 * @throws PresetError for a file that cannot be read, or a schema that is not JSON
 */
export function readSettingFiles(settings: Settings): Settings {
  const { constrain } = settings;
  if (!constrain) return settings;
  const { grammar, schema } = constrain;
  return {
    ...settings,
    constrain: {
      ...constrain,
      ...(grammar !== undefined && { grammar: readFile('grammar', String(grammar)) }),
      ...(schema !== undefined &&
        typeof schema !== 'object' && { schema: parseFile(String(schema)) }),
    },
  };
}

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
