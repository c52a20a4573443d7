import { join } from 'node:path';
import {
  checkMessages,
  type ModelDescriptor,
  parseArguments,
  parseOptions,
  type Tokenizer,
} from '@pliant/core';
import { fingerprintVocabulary, modelSourceSchema } from '@pliant/core/engine';
import { z } from 'zod/v4';
import { ModelFilesError } from './base/errors.js';
import { checkEncoding, isLossless } from './encoding/check-encoding.js';
import { idsBefore } from './encoding/post-processor.js';
import { sectionTokenizers } from './encoding/section-tokenizers.js';
import { TextEncoder } from './encoding/text-encoder.js';
import type { HubProgress } from './library/hub.js';
import { type LibraryName, loadLibrary } from './library/library.js';
import { isObject, type JsonObject, readModelJson } from './library/model-files.js';
import { resolveFolder } from './library/resolve-folder.js';
import { ChatTemplate } from './template/chat-template.js';
import { readChatTemplate, templateTokens } from './template/read-chat-template.js';
import { ByteFallback } from './vocabulary/byte-fallback.js';
import { controlIds } from './vocabulary/control-ids.js';
import { endOfTextIds, textOfToken } from './vocabulary/end-of-text.js';
import { stepsOf } from './vocabulary/steps.js';
import { TokenBytes } from './vocabulary/token-bytes.js';
import { readVocabulary } from './vocabulary/vocabulary.js';

export interface OpenTokenizerOptions {
  /**
   * The imported module of either library. Default: whichever is installed,
   * `@huggingface/transformers` first.
   */
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
const idsArguments = z.strictObject({ ids: z.array(z.number()).readonly() });
const renderSchema = z.strictObject({ continueLast: z.boolean().default(false) });
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
 * The tokenizer of a model, from the files in its folder. Prompts get exactly the ids that the
 * model's own tokenizer gives (`tokenize`), but for two things: a text with characters that the
 * vocabulary cannot express is refused instead of losing them if there is no unknown token, and the
 * texts of special tokens are recognised as they are written, not as a normaliser changes them.
 * @param source a descriptor, the path of a folder, or a hub id (`owner/name`)
 * @throws InvalidArgumentError, InvalidOptionsError, LibraryError, ModelFilesError, HubError,
 * UnsupportedTokenizerError
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
  const files = await readTokenizerFiles(folder);
  const { tokenizerConfig, specialTokensMap } = files;
  const vocabulary = readVocabulary(tokenizerJson, path);
  const { tokens, added } = vocabulary;
  const tokenBytes = new TokenBytes(tokenizerJson, vocabulary);
  const endOfText = endOfTextIds(files, tokens);
  const special = controlIds(vocabulary, endOfText, [tokenizerConfig, specialTokensMap]);
  const inNormalised = isObject(tokenizerJson.normalizer)
    ? added.filter(({ id, normalized }) => normalized && !special.has(id))
    : [];
  const tokenizers = sectionTokenizers(library, tokenizerJson, plainTokens(tokenizerConfig), {
    path,
    added: inNormalised,
    special,
  });
  const unknown = unknownId(tokenizerJson.model, tokens);
  const encoder = new TextEncoder({
    tokenizers,
    path,
    added: added.filter((token) => !inNormalised.includes(token)),
    tokenBytes,
    special,
    byteFallback: isLossless(tokenizerJson.normalizer)
      ? ByteFallback.of(tokenizerJson, vocabulary, special)
      : undefined,
    before: idsBefore(tokenizerJson),
    unknown,
  });
  const template = new ChatTemplate(
    await readChatTemplate(folder, tokenizerConfig),
    templateTokens(tokenizerConfig, specialTokensMap),
    folder,
  );
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const tokenizer: TransformersTokenizer = {
    library: library.name,
    vocabularySize: tokens.length,
    fingerprint: fingerprintVocabulary(tokens),
    endOfText,
    special,
    longestToken: longestToken(tokenizerJson, tokenBytes),
    warnings:
      endOfText.size > 0
        ? []
        : [
            `no file in ${folder} names a token that ends a text (eos_token_id in generation_config.json, genai_config.json or config.json, eos_token in tokenizer_config.json), so texts end by length alone`,
          ],
    encode(text) {
      parseArguments('encode', textArguments, { text });
      return encoder.encode(text);
    },
    tokenize: (text, reading) => encoder.tokenize(text, reading),
    decode(ids) {
      parseArguments('decode', idsArguments, { ids });
      const read = ids.filter((id) => !special.has(id));
      return decoder.decode(Buffer.concat(read.map((id) => tokenBytes.of(id))));
    },
    bytes: (id) => tokenBytes.of(id),
    renderChat(messages, options = {}) {
      const { continueLast } = parseOptions('renderChat', renderSchema, options);
      return template.render(checkMessages(messages), continueLast);
    },
  };
  checkEncoding(tokenizer, tokenizerJson, { tokenBytes, unknown, path });
  return tokenizer;
}

/** Files that may lie beside tokenizer.json. */
async function readTokenizerFiles(folder: string) {
  return {
    tokenizerConfig: (await readModelJson(folder, 'tokenizer_config.json')) ?? {},
    specialTokensMap: await readModelJson(folder, 'special_tokens_map.json'),
    generationConfig: await readModelJson(folder, 'generation_config.json'),
    genaiConfig: await readModelJson(folder, 'genai_config.json'),
    config: await readModelJson(folder, 'config.json'),
  };
}

function unknownId(model: unknown, tokens: readonly (string | undefined)[]): number | undefined {
  if (!isObject(model)) return undefined;
  if (Number.isInteger(model.unk_id)) return model.unk_id as number;
  const id = typeof model.unk_token === 'string' ? tokens.indexOf(model.unk_token) : -1;
  return id < 0 ? undefined : id;
}

/** A text can have three times the bytes in UTF-8 that it has when it is composed (NFC). */
const mostComposed = 3;

function longestToken({ normalizer }: JsonObject, { longest }: TokenBytes): number | undefined {
  if (longest === undefined || isLossless(normalizer)) return longest;
  const steps = stepsOf(normalizer, ['normalizers']);
  return steps.every(({ type }) => type === 'NFC') ? longest * mostComposed : undefined;
}

/**
 * The configuration with tokens that are written as objects (`{ content }`) replaced by their text.
 */
function plainTokens(config: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, textOfToken(value) ?? value]),
  );
}
