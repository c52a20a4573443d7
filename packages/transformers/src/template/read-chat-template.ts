import { isObject, type JsonObject, readModelText } from '../library/model-files.js';
import { textOfToken } from '../vocabulary/end-of-text.js';
import { specialTokenNames } from '../vocabulary/special-token-names.js';

/**
 * The chat template of a model folder, as transformers takes it: chat_template.jinja (before it,
 * where there is one, that of the name `default` in additional_chat_templates), or else the field
 * of tokenizer_config.json, which is a text or holds named ones, of which `default` is taken.
 */
export async function readChatTemplate(
  folder: string,
  { chat_template }: JsonObject,
): Promise<string | undefined> {
  for (const name of ['additional_chat_templates/default.jinja', 'chat_template.jinja']) {
    const file = await readModelText(folder, name);
    if (file) return file;
  }
  if (typeof chat_template === 'string') return chat_template || undefined;
  if (Array.isArray(chat_template)) {
    const named = chat_template.filter(isObject).find(({ name }) => name === 'default');
    return typeof named?.template === 'string' ? named.template : undefined;
  }
  if (isObject(chat_template) && typeof chat_template.default === 'string')
    return chat_template.default;
  return undefined;
}

/**
 * The tokens that a template knows by name, as their text; those of tokenizer_config.json before
 * those of special_tokens_map.json.
 */
export function templateTokens(
  tokenizerConfig: JsonObject,
  specialTokensMap: JsonObject = {},
): Record<string, unknown> {
  const tokens: Record<string, unknown> = {};
  for (const name of specialTokenNames) {
    const text = textOfToken(tokenizerConfig[name]) ?? textOfToken(specialTokensMap[name]);
    if (text !== undefined) tokens[name] = text;
  }
  const more =
    tokenizerConfig.additional_special_tokens ?? specialTokensMap.additional_special_tokens;
  if (Array.isArray(more))
    tokens.additional_special_tokens = more.map(textOfToken).filter((text) => text !== undefined);
  return tokens;
}
