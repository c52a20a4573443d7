/** One turn of a chat. */
export interface Message {
  readonly role: string;
  readonly content: string;
  /**
   * Whether a middleware that shortens prompts may drop parts of this message. Default
   * `'may-drop'`.
   */
  readonly keep?: 'always' | 'may-drop';
  /**
   * Treatment of control tokens that the message spells out. `'text'` reads them as any other text.
   * `'obey'` reads them as control tokens; use it only for text that you trust as much as the chat
   * template, because it can end the turn and begin one of another role. Default `'text'`.
   */
  readonly controlTokens?: 'text' | 'obey';
  /** For the chat template, as OpenAI's messages have it. */
  readonly name?: string;
  /** For the chat template, as OpenAI's messages have it. */
  readonly tool_calls?: readonly unknown[];
  /** For the chat template, as OpenAI's messages have it. */
  readonly tool_call_id?: string;
}

/**
 * A message as a prompt takes it: its text may come as text parts, which are joined, and is `null`
 * where there are only tool calls.
 */
export interface MessageInput extends Omit<Message, 'content'> {
  readonly content: string | readonly TextPart[] | null;
}

/** A part of a message's text, as OpenAI's clients and the AI SDK write it. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** A text. */
export interface TextPrompt {
  readonly text: string;
  /**
   * Whether the tokens that the model's tokenizer puts before a text (the beginning of sequence of
   * Llama and Gemma) are put there. Default `true`. Nothing is put before messages, whose chat
   * template writes it, or before ids.
   */
  readonly bos?: boolean;
}

/** Chat messages, rendered with the model's template, ending where the assistant begins. */
export interface ChatPrompt {
  readonly messages: readonly MessageInput[];
}

/**
 * Token ids: integers, also as a typed array (one of bigints too) or as a tensor of one row of
 * transformers.js.
 */
export interface IdsPrompt {
  readonly ids:
    | ArrayLike<number | bigint>
    | { readonly dims: readonly number[]; readonly data: object };
}

/** Text, chat messages, or token ids: one of them. */
export type Prompt = TextPrompt | ChatPrompt | IdsPrompt;

/** UTF-16 offsets in a text, `to` exclusive. */
export interface TextSection {
  readonly from: number;
  readonly to: number;
}

/** How a text is read as a prompt. */
export interface ReadingOptions {
  /**
   * Sections in which control tokens are text: one that reaches into a section is not recognised.
   * Ascending. Default none.
   */
  readonly literal?: readonly TextSection[];
  /**
   * The text goes on from one that was read: no prefix space is put at its beginning. Default
   * `false`.
   */
  readonly continues?: boolean;
  /** Whether the tokens that the tokenizer puts before a text are put there. Default `false`. */
  readonly bos?: boolean;
}

/** The tokens of a text, n of them, and what each stands for. */
export interface TokenizedText {
  /** [n] */
  readonly ids: Int32Array;
  /**
   * [n], UTF-8 byte offset in the text where token i begins. Empty, with that of its end, for a
   * token that stands for nothing in the text.
   */
  readonly byteStart: Int32Array;
  /** [n], exclusive. */
  readonly byteEnd: Int32Array;
  /** How many leading tokens were put before the text. */
  readonly before: number;
  /** Descriptions of what was lost or done twice, for the result's warnings. */
  readonly warnings?: readonly string[];
}

/** The tokenizer that a pipeline needs. Implemented by `@pliant/transformers`. */
export interface Tokenizer {
  /** Number of ids, added tokens included. */
  readonly vocabularySize: number;
  /** Equal for equal vocabularies; see `fingerprintVocabulary`. */
  readonly fingerprint: string;
  /** Ids that end the generation. */
  readonly endOfText: ReadonlySet<number>;
  /** Control tokens: they are fed to the model and never appear in the text of a result. */
  readonly special: ReadonlySet<number>;
  /**
   * Ids of `text` as it stands, for text that goes on: nothing is added, not even a prefix space;
   * control tokens written in it are recognised.
   */
  encode(text: string): Int32Array;
  decode(ids: readonly number[]): string;
  /**
   * Raw bytes of one token. The concatenation over `encode(text)` is the UTF-8 of `text`; of a
   * control token, its literal text.
   */
  bytes(id: number): Uint8Array;
  /**
   * The chat template applied to `messages`. By default it ends with the opening of the assistant's
   * turn; with `continueLast` the last message is left open, to be continued.
   */
  renderChat(messages: readonly Message[], options?: { continueLast?: boolean }): string;
  /**
   * The ids that the model's own tokenizer gives for a text: with the prefix space that it puts
   * before the text or a part of it, without the blanks that control tokens take with them. Without
   * this method prompts are read by `encode`.
   */
  tokenize?(text: string, options: ReadingOptions): TokenizedText;
  /**
   * Most bytes of text, blanks not counted, that one token stands for: a text of more bytes than a
   * context has room for is refused before it is encoded. Absent where a token can stand for any
   * number of them.
   */
  readonly longestToken?: number;
  /**
   * Notes for users about this tokenizer, such as that nothing ends a text. They appear among the
   * result's warnings.
   */
  readonly warnings?: readonly string[];
}

/** A range of prompt tokens, `from` inclusive, `to` exclusive. */
export interface PromptSpan {
  readonly from: number;
  readonly to: number;
  /** The message's role; `'text'` for prompts that are not a chat. */
  readonly role: string;
  readonly keep: 'always' | 'may-drop';
  /**
   * The message of the chat, and the place of its content. Absent if the prompt is not a chat, or
   * if the tokenizer changes the content.
   */
  readonly message?: {
    /** Index in the chat, earlier turns counted. */
    readonly index: number;
    /**
     * UTF-16 offsets in the prompt's `text` of the content without the blanks around it; `textTo`
     * exclusive.
     */
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
  /**
   * The text that the tokens spell. It differs from the rendered text by what the tokenizer adds (a
   * prefix space), leaves out or changes.
   */
  readonly text: string;
  /** [n], UTF-8 byte offset in `text` where token i begins. Dropped tokens leave gaps. */
  readonly byteStart: Int32Array;
  /** [n], the offset where token i ends, exclusive. */
  readonly byteEnd: Int32Array;
  /** Ascending, without overlap; tokens outside every span may be dropped. */
  readonly spans: readonly PromptSpan[];
  /** Descriptions of what the result should warn about. */
  readonly warnings?: readonly string[];
}
