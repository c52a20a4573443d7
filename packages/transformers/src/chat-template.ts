import type { Message } from '@pliant/core';
import { ChatTemplateError } from './errors.js';
import type { LibraryName, LibraryTokenizer } from './library.js';

/** Stands for the end of the last message while the template renders. Private-use characters: no template looks for them. */
const mark = '\uE5A1pliant:end\uE5A1';

/** Renders chats with the template engine of the library. */
export class ChatTemplate {
  readonly #tokenizer: LibraryTokenizer;
  readonly #library: LibraryName;
  readonly #where: string;
  readonly #present: boolean;

  constructor(tokenizer: LibraryTokenizer, library: LibraryName, where: string, present: boolean) {
    this.#tokenizer = tokenizer;
    this.#library = library;
    this.#where = where;
    this.#present = present;
  }

  /**
   * @param continueLast leaves out everything that the template writes after the last message's content
   * @throws ChatTemplateError without a template or messages, and where the template fails
   */
  render(messages: readonly Message[], continueLast: boolean): string {
    if (!this.#present)
      throw new ChatTemplateError(
        `${this.#where} has no chat template (chat_template in tokenizer_config.json, or chat_template.jinja): give the prompt as text, or use a model made for chats`,
      );
    if (messages.length === 0) throw new ChatTemplateError('there are no messages to render');
    const last = messages.length - 1;
    const turns = messages.map(({ role, content }, i) => ({
      role,
      content: continueLast && i === last ? content + mark : content,
    }));
    const text = this.#apply(turns, !continueLast);
    if (!continueLast) return text;
    const end = text.lastIndexOf(mark);
    if (end < 0)
      throw new ChatTemplateError(
        `the chat template of ${this.#where} does not write the '${messages[last].role}' message as it is, so it cannot be continued: give the prompt as text`,
      );
    return text.slice(0, end);
  }

  #apply(messages: readonly { role: string; content: string }[], open: boolean): string {
    let text: unknown;
    try {
      text = this.#tokenizer.apply_chat_template(messages, {
        tokenize: false,
        add_generation_prompt: open,
      });
    } catch (error) {
      const wayOut =
        this.#library === '@xenova/transformers'
          ? "If the template is at fault (the Jinja of @xenova/transformers 2.17 lacks macros, tojson, startswith, break and more), install '@huggingface/transformers' and hand it in as `library`, or give the prompt as text."
          : 'Change the messages as the template asks, or give the prompt as text.';
      throw new ChatTemplateError(
        `the chat template of ${this.#where} failed under ${this.#library}: ${error instanceof Error ? error.message : error}. ${wayOut}`,
        { cause: error },
      );
    }
    if (typeof text !== 'string')
      throw new ChatTemplateError(`the chat template of ${this.#where} gave no text`);
    return text;
  }
}
