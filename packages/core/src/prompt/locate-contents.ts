import { PromptError } from '../contract/errors.js';
import type { Message, TextSection, Tokenizer } from '../contract/tokenizer.js';
import { ChatMarks, type Mark } from './chat-marks.js';
import { controlTokenFinder } from './control-tokens.js';
import type { TextFinder } from './text-finder.js';

/** The places of a chat's messages in the rendered text, as UTF-16 offsets. */
export interface LocatedChat {
  /**
   * [messages], the content without the blanks around it; undefined where it is empty or the
   * template changes it.
   */
  readonly contents: readonly (TextSection | undefined)[];
  /**
   * The sections that messages wrote, not the template, as far as control tokens are concerned.
   * Ascending, without overlap.
   */
  readonly literal: readonly TextSection[];
}

/**
 * Renders with marks for a chat, at most: templates that look at a content are told apart by
 * halves.
 */
const mostRenders = 12;
/** Milliseconds after which none is begun: for a template that takes long on purpose. */
const mostTime = 10_000;

/**
 * Finds the messages in a rendered chat by rendering it with marks: once where the template writes
 * each content as it is, or trims it, and a bounded number of times where it looks into some. The
 * marks count only where the rendering is otherwise the same.
 * @param text what the template makes of `messages`
 * @param skip leading messages that are not looked for
 * @throws PromptError if control tokens in a message that the template rewrites cannot be told
 * from the template's own
 */
export function locateContents(
  messages: readonly Message[],
  text: string,
  skip: number,
  tokenizer: Tokenizer,
  render: (messages: readonly Message[]) => string,
): LocatedChat {
  const finder = controlTokenFinder(tokenizer);
  const marks = new ChatMarks([text, JSON.stringify(messages)], finder);
  const attempt = (ends: ReadonlySet<number>): readonly Mark[] | undefined => {
    const rendered = tryRender(() => render(marks.put(messages, ends)));
    const found = rendered === undefined ? undefined : marks.take(rendered, messages);
    return found?.text === text ? found.marks : undefined;
  };
  const contents: (TextSection | undefined)[] = messages.map(() => undefined);
  const literal: TextSection[] = [];
  const wanted = messages.flatMap(({ content }, i) => (i >= skip && content.trim() ? [i] : []));
  const groups = [wanted];
  let isRead = false;
  const begin = performance.now();
  const isInTime = (renders: number) => renders === 0 || performance.now() - begin < mostTime;
  for (
    let renders = 0;
    groups.length > 0 && renders < mostRenders && isInTime(renders);
    renders++
  ) {
    const group = groups.shift()!;
    const found = attempt(new Set(group));
    if (found) {
      isRead = true;
      const sections = sectionsOf(found, messages, text);
      literal.push(...sections.literal);
      for (const [message, section] of sections.contents) contents[message] = section;
    } else if (group.length > 1) {
      const half = group.length >> 1;
      groups.push(group.slice(0, half), group.slice(half));
    }
  }
  const spells = messages.some((message, i) => i >= skip && marks.spells(message));
  if (!isRead && spells) {
    const found = attempt(new Set());
    if (!found) throw cannotTell();
    literal.push(...sectionsOf(found, messages, text).literal);
  }
  const all = joined(literal);
  const changed = wanted.some((i) => !contents[i] && messages[i].controlTokens !== 'obey');
  if (changed && countControlTokens(text, finder, all) > templateTokens(messages, finder, render))
    throw cannotTell();
  return { contents, literal: all };
}

function cannotTell(): PromptError {
  return new PromptError(
    "the chat template rewrites a message that spells control tokens, so they cannot be told from the template's own; take them out of the message, or mark it controlTokens: 'obey' if you trust its text",
  );
}

/** A template may refuse a message because of its marks. */
function tryRender(render: () => string): string | undefined {
  try {
    return render();
  } catch {
    return undefined;
  }
}

function sectionsOf(
  marks: readonly Mark[],
  messages: readonly Message[],
  text: string,
): { readonly contents: Map<number, TextSection>; readonly literal: TextSection[] } {
  const contents = new Map<number, TextSection>();
  const literal: TextSection[] = [];
  let begin: Mark | undefined;
  for (const mark of marks) {
    const { kind, message, at } = mark;
    if (kind === 'break') {
      literal.push({ from: at - 1, to: at });
      continue;
    }
    if (kind === 'begin') {
      if (begin) literal.push(fromItsBegin(begin, messages, text));
      begin = mark;
      continue;
    }
    const isPair = begin?.message === message;
    const section = isPair
      ? { from: begin!.at, to: at }
      : { from: at - commonEnd(messages[message].content.trim(), text, at), to: at };
    if (begin && !isPair) literal.push(fromItsBegin(begin, messages, text));
    begin = undefined;
    if (messages[message].controlTokens !== 'obey') literal.push(section);
    // Written twice, the first is the content.
    if (
      !contents.has(message) &&
      text.slice(section.from, section.to) === messages[message].content.trim()
    )
      contents.set(message, section);
  }
  if (begin) literal.push(fromItsBegin(begin, messages, text));
  return { contents, literal };
}

/** A content whose end the template cut off: as much of it as stands there. */
function fromItsBegin(
  { message, at }: Mark,
  messages: readonly Message[],
  text: string,
): TextSection {
  const { controlTokens, content } = messages[message];
  if (controlTokens === 'obey') return { from: at, to: at };
  const inner = content.trim();
  let length = 0;
  while (length < inner.length && inner[length] === text[at + length]) length++;
  return { from: at, to: at + length };
}

function commonEnd(content: string, text: string, at: number): number {
  let length = 0;
  while (length < content.length && content.at(-1 - length) === text[at - 1 - length]) length++;
  return length;
}

function joined(sections: readonly TextSection[]): TextSection[] {
  const all: { from: number; to: number }[] = [];
  for (const { from, to } of [...sections].sort((a, b) => a.from - b.from)) {
    if (from >= to) continue;
    const last = all.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}

function countControlTokens(
  text: string,
  finder: TextFinder,
  literal: readonly TextSection[],
): number {
  let count = 0;
  let section = 0;
  for (const { at, found } of finder.all(text)) {
    while (section < literal.length && literal[section].to <= at) section++;
    if (!(section < literal.length && literal[section].from < at + found.length)) count++;
  }
  return count;
}

/** How many control tokens the template writes by itself. */
function templateTokens(
  messages: readonly Message[],
  finder: TextFinder,
  render: (messages: readonly Message[]) => string,
): number {
  const plain = messages.map((message) =>
    message.controlTokens === 'obey' || !message.content.trim()
      ? message
      : { ...message, content: 'x' },
  );
  const text = tryRender(() => render(plain));
  return text === undefined ? Number.POSITIVE_INFINITY : countControlTokens(text, finder, []);
}
