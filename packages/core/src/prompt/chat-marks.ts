import { PromptError } from '../contract/errors.js';
import type { Message, TextSection } from '../contract/tokenizer.js';
import type { TextFinder } from './text-finder.js';

/**
 * Marks in the messages of a chat by which their text is found again in what a template makes of
 * it: where the content of a message begins and ends, and a break inside each control token that
 * a message spells. The marks are single characters for private use that neither the chat nor its
 * rendering has.
 */
export class ChatMarks {
  readonly #open: string;
  readonly #close: string;
  readonly #stop: string;
  readonly #break: string;
  readonly #finder: TextFinder;

  /**
   * @param texts none of the marks is in one of these
   * @param finder of control tokens
   */
  constructor(texts: readonly string[], finder: TextFinder) {
    [this.#open, this.#close, this.#stop, this.#break] = freeCharacters(texts);
    this.#finder = finder;
  }

  /**
   * The messages with marks. `ends`: of which messages the beginning and end of the content are
   * marked.
   */
  put(messages: readonly Message[], ends: ReadonlySet<number>): Message[] {
    return messages.map((message, index) => {
      const isText = message.controlTokens !== 'obey';
      const marked = isText ? (this.#breakIn(message) as Message) : message;
      if (!ends.has(index)) return marked;
      const { content } = marked;
      const from = content.length - content.trimStart().length;
      const to = content.trimEnd().length;
      const inner = content.slice(from, to);
      const before = `${content.slice(0, from)}${this.#open}${index}${this.#stop}`;
      return {
        ...marked,
        content: `${before}${inner}${this.#close}${index}${this.#stop}${content.slice(to)}`,
      };
    });
  }

  /**
   * The rendering of marked messages without the marks, and what the marks tell.
   * @returns undefined where a mark was torn
   */
  take(
    rendered: string,
    messages: readonly Message[],
  ): { readonly text: string; readonly marks: readonly Mark[] } | undefined {
    const [open, close, stop, broken] = [this.#open, this.#close, this.#stop, this.#break];
    const pattern = new RegExp(`([${open}${close}])(\\d+)${stop}|${broken}`, 'g');
    const marks: Mark[] = [];
    const parts: string[] = [];
    let length = 0;
    let next = 0;
    for (const match of rendered.matchAll(pattern)) {
      const part = rendered.slice(next, match.index);
      parts.push(part);
      length += part.length;
      next = match.index + match[0].length;
      const kind = match[1] === open ? 'begin' : match[1] === close ? 'end' : 'break';
      const message = kind === 'break' ? -1 : Number(match[2]);
      if (message >= messages.length) return undefined;
      marks.push({ kind, message, at: length });
    }
    parts.push(rendered.slice(next));
    const text = parts.join('');
    if (new RegExp(`[${open}${close}${stop}${broken}]`).test(text)) return undefined;
    return { text, marks };
  }

  /** Whether a message spells a control token that is to be read as text. */
  spells(message: Message): boolean {
    return message.controlTokens !== 'obey' && this.#breakIn(message) !== message;
  }

  /** A value with a break in each control token of its texts; itself where there is none. */
  #breakIn(value: unknown): unknown {
    if (typeof value === 'string') return breakControlTokens(value, this.#finder, this.#break);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      const broken = value.map((inner) => this.#breakIn(inner));
      return broken.some((inner, i) => inner !== value[i]) ? broken : value;
    }
    const entries = Object.entries(value);
    const broken = entries.map(([key, inner]) => [key, this.#breakIn(inner)] as const);
    return broken.some(([, inner], i) => inner !== entries[i][1])
      ? Object.fromEntries(broken)
      : value;
  }
}

/**
 * Four characters that are in none of `texts`: for private use, or else Chinese ones.
 * @throws PromptError for a text that has all of these 34,000
 */
function freeCharacters(texts: readonly string[]): string[] {
  const free: string[] = [];
  for (const [pattern, first, last] of [
    [/[\uE000-\uF8FF]/g, 0xe000, 0xf8ff],
    [/[\u3400-\u9FFF]/g, 0x3400, 0x9fff],
  ] as const) {
    const used = new Set<string>();
    for (const text of texts) for (const [character] of text.matchAll(pattern)) used.add(character);
    for (let unit = first; free.length < 4 && unit <= last; unit++)
      if (!used.has(String.fromCharCode(unit))) free.push(String.fromCharCode(unit));
    if (free.length === 4) return free;
  }
  throw new PromptError(
    'the chat has every character for private use and every Chinese one, which leaves none to mark its messages by; shorten it',
  );
}

/** A mark found in a rendered chat, `at` UTF-16 offset in the text without the marks. */
export interface Mark {
  readonly kind: 'begin' | 'end' | 'break';
  /** -1 for a break. */
  readonly message: number;
  readonly at: number;
}

/**
 * `text` with `mark` after the first character of each control token, also of those that overlap.
 */
function breakControlTokens(text: string, finder: TextFinder, mark: string): string {
  const cuts = controlTokenCuts(text, finder);
  if (cuts.length === 0) return text;
  return [0, ...cuts].map((from, i) => text.slice(from, cuts[i] ?? text.length)).join(mark);
}

/**
 * After the first character of each control token in `text`: with the text cut there none is left.
 * @param inside only of those that reach into one of these; default all
 */
export function controlTokenCuts(
  text: string,
  finder: TextFinder,
  inside?: readonly TextSection[],
): number[] {
  const cuts: number[] = [];
  let section = 0;
  for (let hit = finder.find(text, 0); hit; hit = finder.find(text, hit.at + 1)) {
    const { at, found } = hit;
    while (inside && section < inside.length && inside[section].to <= at) section++;
    if (inside && !(section < inside.length && inside[section].from < at + found.length)) continue;
    cuts.push(at + String.fromCodePoint(text.codePointAt(at)!).length);
  }
  return cuts;
}
