import type { JsonObject } from '../library/model-files.js';
import { textOfToken } from './end-of-text.js';
import { specialTokenNames } from './special-token-names.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Ids of control tokens: the added tokens that the tokenizer.json calls special, that a
 * configuration names as such, or that end a text.
 * @param configs tokenizer_config.json and special_tokens_map.json
 */
export function controlIds(
  { added }: Vocabulary,
  endOfText: ReadonlySet<number>,
  configs: readonly (JsonObject | undefined)[],
): ReadonlySet<number> {
  const named = new Set(
    configs.flatMap((config) => {
      const more = config?.additional_special_tokens;
      return [
        ...specialTokenNames.map((name) => config?.[name]),
        ...(Array.isArray(more) ? more : []),
      ].map(textOfToken);
    }),
  );
  return new Set(
    added
      .filter(({ id, special, content }) => special || endOfText.has(id) || named.has(content))
      .map(({ id }) => id),
  );
}
