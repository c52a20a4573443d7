import { PliantError } from '@pliant/core';

/** Neither transformers.js package can be imported, or the module handed in is neither of them. */
export class LibraryError extends PliantError {}

/**
 * A model folder or one of its files that is missing, broken, too large, or outside the folder.
 */
export class ModelFilesError extends PliantError {
  constructor(
    /** The folder or file. */
    readonly path: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${problem}`, options);
  }
}

/** A hub id without permission to download it, or a download that failed. */
export class HubError extends PliantError {}

/** A tokenizer whose tokens cannot be mapped to bytes, or that the library cannot build. */
export class UnsupportedTokenizerError extends PliantError {}

/** Text with a character that the vocabulary cannot express. */
export class TextEncodingError extends PliantError {}

/** A model without a chat template, or a template that does not render these messages. */
export class ChatTemplateError extends PliantError {}

/** A transformers.js model that cannot be run as a plain decoder. */
export class UnsupportedModelError extends PliantError {}
