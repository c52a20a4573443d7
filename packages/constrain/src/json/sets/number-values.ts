import { emptyTrie, type MarkedTrie } from './marked-trie.js';

let count = 0;
const view = new DataView(new ArrayBuffer(8));

/** Doubles, as a set that grows without changing. */
export class NumberValues {
  readonly id = count++;

  private constructor(
    readonly before: NumberValues | undefined,
    readonly added: readonly number[],
    /** Their keys. */
    readonly keys: MarkedTrie,
  ) {}

  static of(values: readonly number[], before?: NumberValues): NumberValues {
    let keys = before?.keys ?? emptyTrie;
    for (const value of values) keys = keys.with(keyOf(value), true);
    return new NumberValues(before, values, keys);
  }

  has(value: number): boolean {
    return this.keys.find(keyOf(value)) !== undefined;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let at: NumberValues | undefined = this; at; at = at.before) yield* at.added;
  }
}

/** Eight bytes, in the order of the numbers; 0 and -0 are one. */
export function keyOf(value: number): string {
  view.setFloat64(0, value + 0);
  const flip = view.getUint8(0) < 0x80 ? 0x8000_0000 : 0xffff_ffff;
  const high = (view.getUint32(0) ^ flip) >>> 0;
  const low = (view.getUint32(4) ^ (flip === 0xffff_ffff ? flip : 0)) >>> 0;
  return String.fromCharCode(
    high >>> 24,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}
