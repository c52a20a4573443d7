import { toBytes } from '../formula/word-list.js';
import type { Collected, Frame } from './json-state.js';
import { keyOf } from './obligations.js';
import type { Satisfiability } from './satisfiability.js';

/** Frames that are kept. */
const maxFrames = 20_000;

/** The arrays and objects that were open in some text. */
export class Frames {
  readonly #known = new Map<string, Frame>();
  #count = 1;

  constructor(readonly values: Satisfiability) {}

  /** Equal frames are one object, so that what was found out in one is known in all. */
  get(frame: Omit<Frame, 'id' | 'names' | 'item' | 'named'>): Frame {
    const { kind, parent, depth, obligations, members, collects, collected } = frame;
    const key = collects ? undefined : `${kind} ${parent?.id} ${keyOf(obligations)} ${members?.id}`;
    const known = key && this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= maxFrames) {
      this.#known.clear();
      this.values.forget();
    }
    const created: Frame = {
      id: this.#count++,
      kind,
      parent,
      depth,
      obligations,
      members,
      collects,
      collected,
      names: undefined,
      item: undefined,
      named: undefined,
    };
    if (key) this.#known.set(key, created);
    return created;
  }
}

/** With one more text. */
export function collect(frame: Frame, text: string): Collected {
  return { text, before: frame.collected };
}

/** Equal for equal values. */
export function canonicalOf(frame: Frame): string {
  const texts: string[] = [];
  for (let at = frame.collected; at; at = at.before) texts.push(at.text);
  texts.reverse();
  if (frame.kind === 'array') return arrayText(texts);
  const members: string[] = [];
  for (let i = 0; i < texts.length; i += 2) members.push(memberText(texts[i], texts[i + 1]));
  return objectText(members);
}

/** The canonical text of a value that is there. */
export function canonicalOfValue(value: unknown): string {
  if (typeof value === 'string') return `"${toBytes(value)}`;
  if (Array.isArray(value)) return arrayText(value.map(canonicalOfValue));
  if (typeof value !== 'object' || value === null) return String(value);
  return objectText(
    Object.entries(value).map(([name, member]) =>
      memberText(JSON.stringify(name), canonicalOfValue(member)),
    ),
  );
}

function arrayText(items: readonly string[]): string {
  return `[${items.map((text) => `${text.length}:${text}`).join()}]`;
}

function memberText(name: string, value: string): string {
  return `${name}${value.length}:${value}`;
}

function objectText(members: readonly string[]): string {
  return `{${[...members].sort().join()}}`;
}
