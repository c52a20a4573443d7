/** An array or object of a JSON text: UTF-16 offsets. */
export interface JsonContainer {
  readonly from: number;
  /** After the closing bracket. */
  to: number;
  readonly items: JsonItem[];
}

/** An element or a member. */
export interface JsonItem {
  /** Where the comma before it stands; for the first item, after the opening bracket. */
  readonly from: number;
  /** After its value. */
  to: number;
  value?: JsonContainer;
}

/** Shorter texts in brackets are left to the lines and sentences. UTF-16 units. */
const shortest = 80;

/** Depth of nested brackets beyond which a text is not searched. */
const deepest = 500;

/**
 * Finds the arrays and objects in JSON that begin a line or follow a blank, and end a line. In
 * order.
 */
export function jsonTexts(text: string): JsonContainer[] {
  const found: JsonContainer[] = [];
  let after = 0;
  for (const { index, 0: before } of text.matchAll(/(?:^|\s)(?=[{[]\s*["{[\]}\d\-tfn])/g)) {
    const from = index + before.length;
    if (from < after) continue;
    const { root, end } = readJson(text, from);
    // Text that was read in vain is not read again.
    after = end;
    if (!root || end - from < shortest || !/^[ \t]*(?:[\r\n]|$)/.test(text.slice(end, end + 80)))
      continue;
    if (isJson(text.slice(from, end))) found.push(root);
  }
  return found;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const token =
  /[ \t\r\n]*(?:([{[])|([}\]])|(,)|(:)|("(?:[^"\\\r\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null))/y;

/** Reads brackets and items only; `JSON.parse` decides whether the text is JSON. */
function readJson(text: string, at: number): { root?: JsonContainer; end: number } {
  const open: JsonContainer[] = [];
  let reached = at + 1;
  token.lastIndex = at;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [whole, opening, closing, comma, , scalar] = found;
    const end = token.lastIndex;
    reached = end;
    const container = open.at(-1);
    if (opening) {
      if (open.length === deepest) return { end };
      const value: JsonContainer = { from: end - 1, to: end, items: [] };
      if (container) itemOf(container, end - 1).value = value;
      open.push(value);
    } else if (closing) {
      container!.to = end;
      open.pop();
      const outer = open.at(-1);
      if (!outer) return { root: container, end };
      outer.items.at(-1)!.to = end;
    } else if (comma) container!.items.push({ from: end - 1, to: end });
    else if (scalar) itemOf(container!, end - whole.trimStart().length).to = end;
  }
  return { end: reached };
}

/** The item that is being read. */
function itemOf({ from, items }: JsonContainer, at: number): JsonItem {
  if (items.length === 0) items.push({ from: from + 1, to: at });
  return items.at(-1)!;
}
