/** One turn of a chat. */
export interface Message {
  readonly role: string;
  readonly content: string;
  /** Whether a middleware that shortens prompts may drop parts of this message. Default `'may-drop'`. */
  readonly keep?: 'always' | 'may-drop';
}

/** Text, chat messages (rendered with the model's template, ending where the assistant begins), or token ids. */
export type Prompt =
  | { readonly text: string }
  | { readonly messages: readonly Message[] }
  | { readonly ids: ArrayLike<number> };

/** What the pipeline needs of a tokenizer. Implemented by `@pliant/transformers`. */
export interface Tokenizer {
  /** Number of ids, added tokens included. */
  readonly vocabularySize: number;
  /** Equal for equal vocabularies; see `fingerprintVocabulary`. */
  readonly fingerprint: string;
  /** Ids that end the generation. */
  readonly endOfText: ReadonlySet<number>;
  /** Control tokens: they are fed to the model and never appear in the text of a result. */
  readonly special: ReadonlySet<number>;
  /** Ids of `text` as it stands: no token is added, control tokens written in the text are recognised. */
  encode(text: string): Int32Array;
  decode(ids: readonly number[]): string;
  /** Raw bytes of one token. The concatenation over `encode(text)` is the UTF-8 of `text`; of a control token, its literal text. */
  bytes(id: number): Uint8Array;
  /**
   * The chat template applied to `messages`. By default it ends with the opening of the assistant's turn;
   * with `continueLast` the last message is left open, to be continued.
   */
  renderChat(messages: readonly Message[], options?: { continueLast?: boolean }): string;
}

/** A range of prompt tokens, `from` inclusive, `to` exclusive. */
export interface PromptSpan {
  readonly from: number;
  readonly to: number;
  /** The message's role; `'text'` for prompts that are not a chat. */
  readonly role: string;
  readonly keep: 'always' | 'may-drop';
  /** Which message of a chat it is, and where its content stands. Absent where the prompt is not a chat. */
  readonly message?: {
    /** Index in the chat, earlier turns counted. */
    readonly index: number;
    /** UTF-16 offsets in the prompt's `text` of the content without the blanks around it; `textTo` exclusive. */
    readonly textFrom: number;
    readonly textTo: number;
    /** UTF-16 offset in the message's `content` of what stands at `textFrom`. */
    readonly contentFrom: number;
  };
}

/** A prompt as the phases see it. n tokens. */
export interface EncodedPrompt {
  /** [n] */
  readonly ids: Int32Array;
  /** The rendered text. */
  readonly text: string;
  /** [n], UTF-8 byte offset in `text` where token i begins. Dropped tokens leave gaps. */
  readonly byteStart: Int32Array;
  /** [n], the offset where token i ends, exclusive. */
  readonly byteEnd: Int32Array;
  /** Ascending, without overlap; tokens outside of every span may be dropped. */
  readonly spans: readonly PromptSpan[];
}
