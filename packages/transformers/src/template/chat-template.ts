import type { Message } from '@pliant/core';
import { ChatTemplateError } from '../base/errors.js';
import { withinTime } from '../base/within-time.js';
import { Environment, type Node, parse, Template, tokenize } from './jinja.js';
import { TemplateBudget, TemplateBudgetError } from './template-budget.js';
import { TemplateInterpreter } from './template-interpreter.js';

/** Milliseconds that a template may take, beside one for each message and each 1,000 characters. */
const baseTime = 5_000;

/** Renders chats with a model's Jinja template, under a budget of steps, memory and time. */
export class ChatTemplate {
  readonly #source: string | undefined;
  readonly #tokens: Readonly<Record<string, unknown>>;
  readonly #where: string;
  #program: Node | undefined;

  /**
   * @param source undefined where the model has none
   * @param tokens what the template knows by name, such as `bos_token`
   * @param where the model's folder, for errors
   */
  constructor(
    source: string | undefined,
    tokens: Readonly<Record<string, unknown>>,
    where: string,
  ) {
    this.#source = source;
    this.#tokens = tokens;
    this.#where = where;
  }

  /**
   * @param continueLast leaves out everything that the template writes after the last message's
   * content
   * @throws ChatTemplateError without a template or messages, if the template fails or takes
   * more than its budget, and where the end of the content cannot be found
   */
  render(messages: readonly Message[], continueLast: boolean): string {
    if (messages.length === 0) throw new ChatTemplateError('there are no messages to render');
    if (!continueLast) return this.#apply(messages, true);
    const last = messages.length - 1;
    const mark = unusedCharacter(messages);
    const marked = messages.map((message, i) =>
      i === last ? { ...message, content: message.content + mark } : message,
    );
    const parts = this.#apply(marked, false).split(mark);
    const whole = this.#apply(messages, false);
    // Written more than once, the last place counts.
    const text = parts.slice(0, -1).join('');
    // A template that trims leaves the blanks that stand before the mark.
    if (parts.length > 1 && (whole.startsWith(text) || whole.startsWith(text.trimEnd())))
      return text;
    throw new ChatTemplateError(
      `the chat template of ${this.#where} does not write the '${messages[last].role}' message as it is, so it cannot be continued: give the prompt as text`,
    );
  }

  #apply(messages: readonly Message[], open: boolean): string {
    if (this.#source === undefined)
      throw new ChatTemplateError(
        `${this.#where} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json): give the prompt as text, or use a model made for chats`,
      );
    const turns = messages.map(({ keep, controlTokens, ...turn }) => turn);
    const characters = JSON.stringify(turns).length;
    const limit = baseTime + messages.length + characters / 1_000;
    try {
      return withinTime(
        limit,
        () => this.#run(turns, open, characters),
        () => new TemplateBudgetError(`takes more than ${Math.round(limit)} ms`),
      );
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ChatTemplateError(
        error instanceof TemplateBudgetError
          ? `the chat template of ${this.#where} ${why}, which is more than any chat needs: give the prompt as text, or use another model`
          : `the chat template of ${this.#where} failed: ${why}. Change the messages as the template asks, or give the prompt as text.`,
        { cause: error },
      );
    }
  }

  #run(messages: readonly object[], open: boolean, characters: number): string {
    // As transformers does: a line that holds only a statement leaves nothing.
    this.#program ??= parse(tokenize(this.#source!, { lstrip_blocks: true, trim_blocks: true }));
    const budget = new TemplateBudget(messages.length, characters);
    const scope = new Environment();
    for (const [name, value] of Object.entries({
      ...globals(budget),
      ...this.#tokens,
      messages,
      add_generation_prompt: open,
      tools: null,
      documents: null,
    }))
      scope.set(name, value);
    return String(new TemplateInterpreter(scope, budget).run(this.#program).value);
  }
}

/** Globals of every template. */
function globals(budget: TemplateBudget): Record<string, unknown> {
  return {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    raise_exception: (message: unknown) => {
      throw new Error(String(message));
    },
    range: (...bounds: number[]) => {
      const [start, stop, step = 1] = bounds.length === 1 ? [0, bounds[0]] : bounds;
      const count = Math.max(0, Math.ceil((stop - start) / step));
      if (!Number.isFinite(count)) throw new Error(`range(${bounds.join(', ')}) has no end`);
      budget.items(count);
      return Array.from({ length: count }, (_, i) => start + i * step);
    },
    strftime_now: (format: unknown) =>
      new Template('{{ strftime_now(format) }}').render({ format: String(format) }),
  };
}

/**
 * A character for private use, or else a Chinese one, that no message has: it stands for the end of
 * the last one while the template renders.
 */
function unusedCharacter(messages: readonly Message[]): string {
  const text = JSON.stringify(messages);
  for (const [first, last] of [
    [0xe000, 0xf8ff],
    [0x3400, 0x9fff],
  ])
    for (let unit = first; unit <= last; unit++)
      if (!text.includes(String.fromCharCode(unit))) return String.fromCharCode(unit);
  throw new ChatTemplateError(
    'the messages have every character for private use and every Chinese one, which leaves none to mark the end of the last one by; shorten them',
  );
}
