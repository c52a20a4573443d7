import { ModelFilesError } from './errors.js';
import type { JsonObject } from './model-files.js';
import { show } from './show.js';

/**
 * Ids that end a generation: `eos_token_id` (a number or a list) of generation_config.json, or else of config.json, and the
 * `eos_token` of tokenizer_config.json.
 * @param files parsed, in this order; `undefined` where there is none
 * @param idOf id of a token's text, -1 where there is none
 * @throws ModelFilesError for an `eos_token_id` that is neither a number nor a list of numbers
 */
export function endOfTextIds(
  folder: string,
  files: {
    readonly generationConfig?: JsonObject;
    readonly config?: JsonObject;
    readonly tokenizerConfig: JsonObject;
  },
  idOf: (token: string) => number,
): ReadonlySet<number> {
  const listed = files.generationConfig?.eos_token_id ?? files.config?.eos_token_id ?? [];
  const ids = new Set<number>();
  for (const id of Array.isArray(listed) ? listed : [listed]) {
    if (!Number.isInteger(id) || id < 0)
      throw new ModelFilesError(
        folder,
        `has the eos_token_id ${show(listed)}, which is no id and no list of ids; correct generation_config.json`,
      );
    ids.add(id);
  }
  const token = files.tokenizerConfig.eos_token;
  const id = typeof token === 'string' ? idOf(token) : -1;
  if (id >= 0) ids.add(id);
  return ids;
}
