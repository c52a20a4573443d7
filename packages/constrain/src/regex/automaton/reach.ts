import { isReadable, type Program } from './program.js';

/**
 * Characters from before each instruction to the end of what it belongs to, at least: Infinity
 * where it does not get there. Not at the first character of the text.
 * @param freely whether instructions that look around, and `$`, are in the way instead of passed
 * over
 * @returns [instructions]
 */
export function shortestLengths(program: Program, freely: boolean): Float64Array {
  const { kinds, next, other, set, sets } = program;
  const readable = sets.map(isReadable);
  const into: number[][] = kinds.map(() => []);
  let level: number[] = [];
  for (const [at, kind] of kinds.entries()) {
    if (kind === 'accept' || kind === 'found') level.push(at);
    else if (kind === 'fork') for (const target of [next[at], other[at]]) into[target].push(at);
    else if (kind === 'read' ? readable[set[at]] : kind !== 'start' && !freely)
      into[next[at]].push(at);
  }
  const lengths = new Float64Array(kinds.length).fill(Number.POSITIVE_INFINITY);
  for (let length = 0; level.length > 0; length++) {
    const longer: number[] = [];
    for (let at = level.pop(); at !== undefined; at = level.pop()) {
      if (lengths[at] <= length) continue;
      lengths[at] = length;
      for (const before of into[at]) (kinds[before] === 'read' ? longer : level).push(before);
    }
    level = longer;
  }
  return lengths;
}
