import { join } from 'node:path';
import {
  fingerprintVocabulary,
  type Message,
  type ModelDescriptor,
  modelSourceSchema,
  parseArguments,
  parseOptions,
  type Tokenizer,
} from '@pliant/core';
import { z } from 'zod/v4';
import { buildTokenizer } from './build-tokenizer.js';
import { ChatTemplate } from './chat-template.js';
import { encodeChecked } from './encode-checked.js';
import { endOfTextIds } from './end-of-text.js';
import { ModelFilesError } from './errors.js';
import type { HubProgress } from './hub.js';
import { type LibraryName, loadLibrary } from './library.js';
import { isObject, type JsonObject, readModelJson, readModelText } from './model-files.js';
import { addPrefixSpace, withoutPrefixSpace } from './prefix-space.js';
import { resolveFolder } from './resolve-folder.js';
import { TokenBytes } from './token-bytes.js';
import { readVocabulary } from './vocabulary.js';

export interface OpenTokenizerOptions {
  /** The imported module of either library. Default: whichever is installed, `@xenova/transformers` first. */
  readonly library?: object;
  /** Permission to download the files of a hub id. Default: no network is used. */
  readonly hub?: {
    readonly allow: true;
    /** Files lie in a folder named like the id in there. Default: `env.cacheDir` of the library. */
    readonly cacheFolder?: string;
    readonly onProgress?: (progress: HubProgress) => void;
  };
}

/** A tokenizer, and the library that runs it. */
export interface TransformersTokenizer extends Tokenizer {
  readonly library: LibraryName;
}

const argumentsSchema = z.strictObject({ source: modelSourceSchema });
const textArguments = z.strictObject({ text: z.string() });
const optionsSchema = z.strictObject({
  library: z.custom<object>(isModule, 'must be an imported module').optional(),
  hub: z
    .strictObject({
      allow: z.literal(true),
      cacheFolder: z.string().min(1).optional(),
      onProgress: z
        .custom<(progress: HubProgress) => void>(
          (f) => typeof f === 'function',
          'must be a function',
        )
        .optional(),
    })
    .optional(),
});

function isModule(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/**
 * The tokenizer of a model, from tokenizer.json and tokenizer_config.json in its folder.
 *
 * Differs from the libraries in two points, so that the tokens of a text hold exactly its bytes: no token is added, not even the
 * space that some sentencepiece tokenizers put before the text (`renderChat` writes it out where they would), and a text with
 * characters that the vocabulary cannot express is refused instead of losing them.
 * @param source a descriptor, the path of a folder, or a hub id (`owner/name`)
 * @throws InvalidArgumentError, InvalidOptionsError, LibraryError, ModelFilesError, HubError, UnsupportedTokenizerError
 */
export async function openTokenizer(
  source: ModelDescriptor | string,
  options: OpenTokenizerOptions = {},
): Promise<TransformersTokenizer> {
  parseArguments('openTokenizer', argumentsSchema, { source });
  const { library: handedIn, hub } = parseOptions('openTokenizer', optionsSchema, options);
  const library = await loadLibrary(handedIn);
  const folder = await resolveFolder(source, library, hub);
  const path = join(folder, 'tokenizer.json');

  const tokenizerJson = await readModelJson(folder, 'tokenizer.json');
  if (!tokenizerJson)
    throw new ModelFilesError(
      path,
      'is missing; the folder of a model with tokenizer.json is needed',
    );
  const tokenizerConfig = plainTokens((await readModelJson(folder, 'tokenizer_config.json')) ?? {});
  tokenizerConfig.chat_template ??= await readModelText(folder, 'chat_template.jinja');
  const vocabulary = readVocabulary(tokenizerJson, path);
  const { tokens, added } = vocabulary;
  const tokenBytes = new TokenBytes(tokenizerJson, vocabulary);

  const { json, prefix } = withoutPrefixSpace(tokenizerJson);
  const inner = buildTokenizer(library, { ...json, added_tokens: added }, tokenizerConfig, path);
  const template = new ChatTemplate(
    inner,
    library.name,
    folder,
    Boolean(tokenizerConfig.chat_template),
  );
  const special: ReadonlySet<number> = new Set(
    added.filter((token) => token.special).map(({ id }) => id),
  );
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  return {
    library: library.name,
    vocabularySize: tokens.length,
    fingerprint: fingerprintVocabulary(tokens),
    endOfText: endOfTextIds(
      folder,
      {
        generationConfig: await readModelJson(folder, 'generation_config.json'),
        config: await readModelJson(folder, 'config.json'),
        tokenizerConfig,
      },
      (token) => tokens.indexOf(token),
    ),
    special,
    encode(text) {
      parseArguments('encode', textArguments, { text });
      return encodeChecked(inner, text, tokenBytes);
    },
    decode: (ids) =>
      decoder.decode(
        Buffer.concat(ids.filter((id) => !special.has(id)).map((id) => tokenBytes.of(id))),
      ),
    bytes: (id) => tokenBytes.of(id),
    renderChat(messages: readonly Message[], { continueLast = false } = {}) {
      const text = template.render(messages, continueLast);
      return prefix ? addPrefixSpace(text, prefix, added) : text;
    },
  };
}

/** The configuration with tokens that are written as objects (`{ content }`) replaced by their text. */
function plainTokens(config: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      isObject(value) && typeof value.content === 'string' ? value.content : value,
    ]),
  );
}
