const length = 300;

/**
 * The beginning of what a server wrote, on one line, without control characters and without the
 * key, which some servers repeat.
 */
export function excerpt(text: string, apiKey?: string): string {
  const withoutKey = apiKey ? text.replaceAll(apiKey, '[key]') : text;
  const line = withoutKey.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line.length > length) return `${line.slice(0, length)}...`;
  return line || '(nothing)';
}
