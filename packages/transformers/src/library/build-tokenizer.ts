import { UnsupportedTokenizerError } from '../base/errors.js';
import type { Library, LibraryTokenizer, TokenizerClass } from './library.js';
import { isObject, type JsonObject } from './model-files.js';

/**
 * The library's tokenizer over parsed files. The post-processor is left out: it would only add
 * special tokens.
 * @param path of tokenizer.json, for errors
 * @throws UnsupportedTokenizerError when the library cannot build it
 */
export function buildTokenizer(
  library: Library,
  tokenizerJson: JsonObject,
  tokenizerConfig: JsonObject,
  path: string,
): LibraryTokenizer {
  const parts = { normalizer: null, pre_tokenizer: null, decoder: null, ...tokenizerJson };
  const model =
    library.name === '@xenova/transformers'
      ? withTextMerges(tokenizerJson.model)
      : tokenizerJson.model;
  try {
    const Tokenizer = tokenizerClass(library.classes, tokenizerConfig.tokenizer_class);
    return new Tokenizer({ ...parts, model, post_processor: null }, tokenizerConfig);
  } catch (error) {
    throw new UnsupportedTokenizerError(
      `${path}: ${library.name} cannot build this tokenizer (${(error as Error).message}). Check the file, or hand in the other library as \`library\`.`,
      { cause: error },
    );
  }
}

/**
 * The class that the configuration names, where the library has it. Not v2's LlamaTokenizer: its
 * constructor replaces what tokenizer.json says by a prefix space of its own.
 */
function tokenizerClass(classes: Library['classes'], name: unknown): TokenizerClass {
  const base = classes.PreTrainedTokenizer;
  const named = typeof name === 'string' ? classes[name.replace(/Fast$/, '')] : undefined;
  const llama = classes.LlamaTokenizer;
  return extendsClass(named, base) && !extendsClass(named, llama) ? named : base;
}

function extendsClass(type: unknown, base: unknown): type is TokenizerClass {
  if (typeof type !== 'function' || typeof base !== 'function') return false;
  return type === base || type.prototype instanceof base;
}

/**
 * Newer files (tokenizers 0.20 and later) have merges as pairs, which v2 cannot read; it takes them
 * joined by a space.
 */
function withTextMerges(model: unknown): unknown {
  if (!isObject(model) || !Array.isArray(model.merges)) return model;
  const merges = model.merges.map((merge) => (Array.isArray(merge) ? merge.join(' ') : merge));
  return { ...model, merges };
}
