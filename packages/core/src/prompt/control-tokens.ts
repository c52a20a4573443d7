import type { Tokenizer } from '../contract/tokenizer.js';
import { TextFinder } from './text-finder.js';

const finders = new WeakMap<ReadonlySet<number>, TextFinder>();

/** Finds the control tokens of a tokenizer where a text spells them. */
export function controlTokenFinder(tokenizer: Tokenizer): TextFinder {
  const { special } = tokenizer;
  const known = finders.get(special);
  if (known) return known;
  const texts = Array.from(special, (id) => Buffer.from(tokenizer.bytes(id)).toString());
  const finder = new TextFinder(texts);
  finders.set(special, finder);
  return finder;
}
