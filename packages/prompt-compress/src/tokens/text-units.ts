import type { EncodedPrompt, PromptSpan } from '@pliant/core';
import { type JsonContainer, jsonTexts } from '../text/json-texts.js';
import { type Table, tablesOf } from '../text/table-heads.js';
import { lineUnitEnds, sentenceUnitEnds } from '../text/unit-ends.js';
import { rangesOf, type TokenCharacters } from './characters.js';
import type { TokenRange, Unit } from './token-range.js';

/**
 * Splits the prompt's tokens into whole sentences, each with the blanks and line ends before it, or
 * whole lines, each with its end. A JSON text is one unit. A row of a table needs the table's head.
 * A token on a border belongs to the unit in which it begins, and no character is split. No unit
 * crosses the border of a message.
 * @returns in order, every token in one
 */
export function textUnits(
  { text, spans, ids }: EncodedPrompt,
  characters: TokenCharacters,
  unit: 'sentence' | 'line',
): Unit[] {
  const { start, end } = characters;
  const begins = new Uint8Array(ids.length + 1);
  const tables: Table[] = [];
  const jsonAt = new Map<number, JsonContainer>();
  for (const { from, to } of regions(spans, ids.length)) {
    begins[from] = 1;
    const offset = start[from];
    const part = text.slice(offset, end[to - 1]);
    let token = from;
    const tokenAt = (at: number) => {
      while (token < to && start[token] < offset + at) token++;
      return token;
    };
    const jsons = jsonTexts(part);
    // The last end is that of the region: blanks after the last unit belong to it.
    for (const unitEnd of endsAround(part, jsons, unit).slice(0, -1)) begins[tokenAt(unitEnd)] = 1;
    token = from;
    for (const json of jsons) {
      const first = tokenAt(json.from);
      if (start[first] === offset + json.from) jsonAt.set(first, moved(json, offset));
    }
    tables.push(...tablesOf(part).map((table) => movedTable(table, offset)));
  }
  const units = rangesOf(characters, (token) => begins[token] === 1);
  return withTableHeads(units, tables, start).map((range) => {
    const json = jsonAt.get(range.from);
    return json ? { ...range, json } : range;
  });
}

/** Makes the rows of tables need the heads. */
function withTableHeads(
  units: readonly TokenRange[],
  tables: readonly Table[],
  start: Int32Array,
): Unit[] {
  let table = 0;
  let head: { from: number; to: number } | undefined;
  return units.map((unit) => {
    // It may begin with the line end before it.
    const at = start[unit.to - 1];
    while (table < tables.length && tables[table].rows.to <= at) {
      table++;
      head = undefined;
    }
    if (table === tables.length || at < tables[table].head.from) return unit;
    if (at >= tables[table].rows.from) return head ? { ...unit, needs: [head] } : unit;
    head = { from: head?.from ?? unit.from, to: unit.to };
    return unit;
  });
}

function movedTable({ head, rows }: Table, offset: number): Table {
  return {
    head: { from: head.from + offset, to: head.to + offset },
    rows: { from: rows.from + offset, to: rows.to + offset },
  };
}

/** Returns where units end, JSON texts among them. */
function endsAround(
  part: string,
  jsons: readonly JsonContainer[],
  unit: 'sentence' | 'line',
): number[] {
  const ends: number[] = [];
  let at = 0;
  for (const { from, to } of [...jsons, { from: part.length, to: part.length }]) {
    const between = part.slice(at, from);
    const found = unit === 'line' ? lineUnitEnds(between) : sentenceUnitEnds(between);
    for (const end of found) ends.push(at + end);
    // The JSON begins without the blanks before it.
    if (to > from) ends.push(from, to);
    at = to;
  }
  return ends;
}

function moved(json: JsonContainer, offset: number): JsonContainer {
  return {
    from: json.from + offset,
    to: json.to + offset,
    items: json.items.map((item) => ({
      from: item.from + offset,
      to: item.to + offset,
      ...(item.value && { value: moved(item.value, offset) }),
    })),
  };
}

/** Returns the spans and the ranges between them. */
export function regions(spans: readonly PromptSpan[], length: number): TokenRange[] {
  const found: TokenRange[] = [];
  let at = 0;
  for (const { from, to } of [...spans, { from: length, to: length }]) {
    if (from > at) found.push({ from: at, to: from });
    if (to > from) found.push({ from, to });
    at = to;
  }
  return found;
}
