import { PromptError } from '../contract/errors.js';
import { show } from './show.js';

/**
 * Ids as given, checked: an array, a typed array (one of bigints too), anything with a length and
 * numbers, or a tensor of one row as transformers.js gives it (`input_ids`).
 * @param what named in the error
 * @param vocabularySize ids are below it
 * @throws PromptError naming the first thing that is not an id
 */
export function checkIds(given: unknown, vocabularySize: number, what = 'ids'): Int32Array {
  const values = listOf(given, what);
  const ids = new Int32Array(values.length);
  for (let i = 0; i < ids.length; i++) {
    const value = values[i];
    const id = typeof value === 'bigint' ? Number(value) : value;
    if (typeof id !== 'number' || !Number.isInteger(id))
      throw new PromptError(
        `${what}[${i}] is ${show(value)}, which is not a token id; ids are integers`,
      );
    if (id < 0 || id >= vocabularySize)
      throw new PromptError(
        `${what}[${i}] is ${id}, which is outside of the vocabulary (0 to ${vocabularySize - 1})`,
      );
    ids[i] = id;
  }
  return ids;
}

/** More than any context; a longer list is refused before it is read. */
const mostIds = 2 ** 27;

function listOf(given: unknown, what: string): ArrayLike<unknown> {
  const wrong = (why: string) =>
    new PromptError(
      `${what} ${why}; give an array or typed array of token ids, for example [...ids] of an iterator`,
    );
  if (typeof given !== 'object' || given === null) throw wrong(`is ${show(given)}`);
  if (given instanceof DataView) throw wrong('is a DataView');
  const list = isTensor(given) ? rowOf(given, wrong) : given;
  const { length } = list as { length?: unknown };
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 0)
    throw wrong(
      length === undefined ? `has no length (${show(given)})` : `has the length ${show(length)}`,
    );
  if (length > mostIds) throw wrong(`has the length ${length}, more than ${mostIds}`);
  return list as ArrayLike<unknown>;
}

interface Tensor {
  readonly dims: readonly unknown[];
  readonly data: object;
}

function isTensor(value: object): value is Tensor {
  const { dims, data } = value as Partial<Tensor>;
  return Array.isArray(dims) && typeof data === 'object' && data !== null;
}

function rowOf({ dims, data }: Tensor, wrong: (why: string) => PromptError): object {
  if (dims.slice(0, -1).some((size) => Number(size) !== 1))
    throw wrong(`is a tensor of several rows (${dims.join(' x ')})`);
  return data;
}
