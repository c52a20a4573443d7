import { PresetError } from '../preset-error.js';
import { type MiddlewareName, middlewareName, type Settings } from '../registry.js';

/** Reads `NAME.OPTION=VALUE`, as `parseStack` says. */
export function parseSettings(assignments: readonly string[]): Settings {
  const settings: { [name in MiddlewareName]?: Record<string, unknown> } = {};
  for (const assignment of assignments) {
    const [, name, path, text] = /^([a-z-]+)\.([A-Za-z.]+)=(.*)$/s.exec(assignment) ?? [];
    if (!name) throw new PresetError(`--set takes NAME.OPTION=VALUE, not '${assignment}'`);
    const middleware = middlewareName(name);
    settings[middleware] ??= {};
    assign(settings[middleware], path.split('.'), parseValue(text));
  }
  return settings;
}

/** An object joins what is there; any other value given again takes its place. */
function assign(target: Record<string, unknown>, [key, ...rest]: string[], value: unknown): void {
  const present = target[key];
  if (rest.length > 0) {
    const nested = { ...asObject(present) };
    target[key] = nested;
    assign(nested, rest, value);
  } else target[key] = isObject(present) ? { ...present, ...asObject(value) } : value;
}

function asObject(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  return value === undefined ? {} : { name: value };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
