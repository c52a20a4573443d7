import { isObject, type JsonObject } from '../library/model-files.js';

/**
 * The files of a model folder that may name what ends a text, parsed; `undefined` where there is
 * none.
 */
export interface EndOfTextFiles {
  readonly generationConfig?: JsonObject;
  /** The file of onnxruntime-genai. */
  readonly genaiConfig?: JsonObject;
  readonly config?: JsonObject;
  readonly tokenizerConfig?: JsonObject;
  readonly specialTokensMap?: JsonObject;
}

/**
 * Ids that end a generation: all that any file names, as an `eos_token_id` (a number or a list) or
 * as an `eos_token`. Values that are not ids of the vocabulary (`null`, -1) are left out.
 * @param tokens of the vocabulary by id
 */
export function endOfTextIds(
  files: EndOfTextFiles,
  tokens: readonly (string | undefined)[],
): ReadonlySet<number> {
  const { generationConfig, genaiConfig, config, tokenizerConfig, specialTokensMap } = files;
  const textConfig = isObject(config?.text_config) ? config.text_config : undefined;
  const genaiModel = isObject(genaiConfig?.model) ? genaiConfig.model : undefined;
  const ids = [generationConfig, genaiModel, config, textConfig].flatMap(
    (file) => file?.eos_token_id,
  );
  const names = [tokenizerConfig, specialTokensMap].map((file) => textOfToken(file?.eos_token));
  return new Set([
    ...ids.filter((id): id is number => Number.isInteger(id) && tokens[id as number] !== undefined),
    ...names.flatMap((name) => {
      const id = name === undefined ? -1 : tokens.indexOf(name);
      return id < 0 ? [] : [id];
    }),
  ]);
}

/** A token is written as its text, or as an object with it. */
export function textOfToken(token: unknown): string | undefined {
  const text = isObject(token) ? token.content : token;
  return typeof text === 'string' ? text : undefined;
}
