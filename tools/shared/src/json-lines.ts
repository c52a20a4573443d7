/**
 * Writes a report as JSON lines, so that a change of it can be read: `{"name": value}` for each
 * property, and one for each item if the value is a list of objects.
 * @param replacer as that of `JSON.stringify`
 */
export function toJsonLines(
  report: object,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  return Object.entries(report)
    .flatMap(([name, value]) =>
      (isListOfObjects(value) ? value : [value]).map((one) => ({ [name]: one })),
    )
    .map((line) => JSON.stringify(line, replacer))
    .filter((line) => line !== '{}')
    .map((line) => `${line}\n`)
    .join('');
}

/** Reads what `toJsonLines` wrote: for each property the values of its lines, one or more. */
export function fromJsonLines(text: string): { readonly [name: string]: readonly unknown[] } {
  const values: { [name: string]: unknown[] } = {};
  for (const line of text.split('\n').filter(Boolean))
    for (const [name, value] of Object.entries(JSON.parse(line) as object)) {
      values[name] ??= [];
      values[name].push(value);
    }
  return values;
}

function isListOfObjects(value: unknown): value is readonly object[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
  );
}
