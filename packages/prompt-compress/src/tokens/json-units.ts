import type { JsonContainer, JsonItem } from '../text/json-texts.js';
import type { TokenCharacters } from './characters.js';
import type { TokenRange, Unit } from './token-range.js';

/** Depth of nested brackets that are entered. */
const deepest = 8;

interface Parts {
  /** Tokens that stay with each unit: brackets, the first item and the last, keys. */
  readonly frame: readonly TokenRange[];
  readonly units: readonly Unit[];
}

/**
 * Returns the items of a JSON text as units, each of which may be dropped so that the rest is still
 * JSON. Items that are too long are split again.
 * @param whole the text's tokens
 * @param root its offsets are those of the prompt's text
 * @param longest tokens of an item
 * @returns every token in one. If tokens cross the items too unevenly, the whole text as one unit
 */
export function jsonUnits(
  whole: TokenRange,
  root: JsonContainer,
  text: string,
  { start }: TokenCharacters,
  longest: number,
): Unit[] {
  const parts = partsOf(whole, [root], 0);
  return [...framed(parts.frame, []), ...parts.units];

  function partsOf(
    { from, to }: TokenRange,
    containers: readonly JsonContainer[],
    depth: number,
  ): Parts {
    const leaf = { frame: [{ from, to }], units: [] };
    const container = containers.reduce<JsonContainer | undefined>(
      (most, one) => (!most || one.to - one.from > most.to - most.from ? one : most),
      undefined,
    );
    if (!container || to - from <= longest || depth === deepest) return leaf;
    const cuts = evenCuts({ from, to }, container);
    // A single item cannot be dropped, but items within it can.
    if (cuts.length < 2) return partsOf({ from, to }, valuesOf(container), depth + 1);
    const inside = ({ from: first, to: last }: TokenRange) =>
      valuesOf(container).filter(
        (value) => value.from >= (start[first] ?? 0) && value.to <= (start[last] ?? text.length),
      );
    const range = (first: number, last: number) => {
      const found = { from: first, to: last };
      return partsOf(found, last - first > longest ? inside(found) : [], depth + 1);
    };
    const head = range(from, cuts[0]);
    const frame = [...head.frame, { from: cuts.at(-1)!, to }];
    const units = cuts.slice(1).flatMap((cut, i) => {
      const part = range(cuts[i], cut);
      return [...framed(part.frame, frame), ...part.units.map((unit) => needing(unit, frame))];
    });
    return { frame, units: [...head.units.map((unit) => needing(unit, frame)), ...units] };
  }

  /**
   * Returns the tokens at which items begin, and the one at which the last ends, if all begin with
   * the same characters of their items: then any item may be dropped.
   */
  function evenCuts({ from, to }: TokenRange, { items }: JsonContainer): number[] {
    const byLead = new Map<string, number[]>();
    let token = from;
    for (const offset of [
      ...items.slice(1).map((item: JsonItem) => item.from),
      items.at(-1)?.to ?? 0,
    ]) {
      while (token < to && start[token] < offset) token++;
      if (token === from || token === to) continue;
      const lead = text.slice(offset, start[token]);
      const cuts = byLead.get(lead) ?? [];
      if (cuts.at(-1) !== token) cuts.push(token);
      byLead.set(lead, cuts);
    }
    return [...byLead.values()].reduce(
      (most, cuts) => (cuts.length > most.length ? cuts : most),
      [],
    );
  }
}

/** Returns the containers among the items. */
function valuesOf({ items }: JsonContainer): JsonContainer[] {
  return items.flatMap(({ value }) => (value ? [value] : []));
}

function framed(parts: readonly TokenRange[], frame: readonly TokenRange[]): Unit[] {
  return parts.map((part) => needing(part, [...frame, ...parts.filter((other) => other !== part)]));
}

function needing(unit: Unit, needs: readonly TokenRange[]): Unit {
  return {
    ...unit,
    needs: [...new Set([...(unit.needs ?? []), ...needs])].filter(({ from }) => from !== unit.from),
  };
}
