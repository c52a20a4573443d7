import {
  type CacheEdit,
  type Capability,
  type ForwardInput,
  type ForwardOutput,
  type KeepEdit,
  MissingCapabilityError,
  PromptError,
  type Sequence,
  StateError,
} from '@pliant/core';
import { capabilitiesUsed } from '@pliant/core/engine';
import { UnsupportedModelError } from '../base/errors.js';
import { type DecoderGraph, presentName } from './decoder-graph.js';
import { missing } from './missing-capabilities.js';
import { boolTensor, floatsOf, int64Tensor, type OrtTensor } from './ort-session.js';
import { type Past, PlainCache } from './plain-cache.js';

/** Runs one call after the other. */
export type TakeTurn = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * A sequence over the model's own session: every forward feeds the keys and values that the one
 * before returned.
 */
export class PlainSequence implements Sequence {
  readonly cache: PlainCache;
  readonly #graph: DecoderGraph;
  readonly #takeTurn: TakeTurn;
  #closed = false;

  constructor(graph: DecoderGraph, past: Past, takeTurn: TakeTurn) {
    this.#graph = graph;
    this.#takeTurn = takeTurn;
    this.cache = new PlainCache(graph.shape, past, (capability) => this.#refuse(capability));
  }

  forward(input: ForwardInput): Promise<ForwardOutput> {
    return this.#takeTurn(async () => {
      this.#check(input);
      const { ids, want, signal } = input;
      // The cached branch of the older merged exports was traced with one new token.
      const single =
        this.#graph.session.inputNames.includes('use_cache_branch') && this.cache.nextPosition > 0;
      const size = single ? 1 : ids.length;
      const logits: Float32Array[] = [];
      let past = this.cache.past;
      for (let from = 0; from < ids.length; from += size) {
        signal?.throwIfAborted();
        const outputs = await this.#run(
          ids.subarray(from, from + size),
          past,
          this.cache.nextPosition + from,
          want?.logits === 'all',
        );
        past = outputs.past;
        logits.push(this.#rows(outputs.logits, want?.logits ?? 'last', size));
      }
      signal?.throwIfAborted();
      this.#checkOpen();
      this.cache.past = past;
      this.cache.nextPosition += ids.length;
      return { logits: want?.logits === 'all' ? join(logits) : logits[logits.length - 1] };
    });
  }

  edit(_edit: CacheEdit): void {
    this.#refuse('kv.edit');
  }

  async fork(edit?: KeepEdit): Promise<Sequence> {
    this.#checkOpen();
    if (edit) this.#refuse('kv.edit');
    const copy = new PlainSequence(this.#graph, this.cache.past, this.#takeTurn);
    copy.cache.nextPosition = this.cache.nextPosition;
    return copy;
  }

  close(): void {
    this.#closed = true;
    this.cache.past = {};
  }

  async #run(
    ids: Int32Array,
    past: Past,
    rows: number,
    allLogits: boolean,
  ): Promise<{ logits: OrtTensor; past: Past }> {
    const { session, firstPosition } = this.#graph;
    const count = ids.length;
    const inputs: Record<string, () => OrtTensor> = {
      input_ids: () => int64Tensor(BigInt64Array.from(ids, BigInt), [1, count]),
      attention_mask: () =>
        int64Tensor(new BigInt64Array(rows + count).fill(1n), [1, rows + count]),
      position_ids: () =>
        int64Tensor(
          BigInt64Array.from(ids, (_, i) => BigInt(firstPosition + rows + i)),
          [1, count],
        ),
      use_cache_branch: () => boolTensor(rows > 0),
      num_logits_to_keep: () => this.#count('num_logits_to_keep', allLogits ? 0n : 1n),
      logits_to_keep: () => this.#count('logits_to_keep', allLogits ? 0n : 1n),
    };
    const feeds: Record<string, OrtTensor> = {};
    for (const name of session.inputNames) feeds[name] = past[name] ?? inputs[name]();
    const outputs = await session.run(feeds);
    const present: Record<string, OrtTensor> = {};
    for (const { name, rowsAxis } of this.#graph.caches) {
      const tensor = outputs[presentName(name)];
      this.#checkCache(name, tensor, rowsAxis, rows + count);
      present[name] = tensor;
    }
    return { logits: outputs.logits, past: present };
  }

  /** Logits of the last row, or of all rows: [vocabulary] or [rows, vocabulary]. */
  #rows(logits: OrtTensor, want: 'last' | 'all' | 'none', size: number): Float32Array {
    const { vocabulary } = this.#graph.shape;
    const [, rows, width] = logits.dims;
    if (width !== vocabulary || (want === 'all' && rows !== size))
      throw new UnsupportedModelError(
        `the model returns logits [${logits.dims}] where its config says a vocabulary of ${vocabulary}; correct vocab_size in config.json`,
      );
    if (want === 'none') return new Float32Array(0);
    return floatsOf(logits, want === 'all' ? 0 : (rows - 1) * vocabulary, rows * vocabulary);
  }

  /** A number as the graph takes it: a scalar, or a list of one. */
  #count(name: string, value: bigint): OrtTensor {
    const { inputMetadata } = this.#graph.session;
    const rank = inputMetadata?.find((input) => input.name === name)?.shape?.length ?? 0;
    return int64Tensor(BigInt64Array.of(value), Array<number>(rank).fill(1));
  }

  #checkCache(name: string, { dims, location }: OrtTensor, rowsAxis: number, rows: number): void {
    if (location !== undefined && location !== 'cpu')
      throw new UnsupportedModelError(
        `the model keeps its cache on '${location}'; load it with device: 'cpu'`,
      );
    if (dims.length !== rowsAxis + 2 || dims[rowsAxis] !== rows)
      throw new UnsupportedModelError(
        `the model returns ${presentName(name)} as [${dims}], not [1, ${rowsAxis === 1 ? '' : 'heads, '}${rows}, size]; use a model with that cache layout`,
      );
  }

  #check(input: ForwardInput): void {
    this.#checkOpen();
    const lacking = capabilitiesUsed(input).find((capability) => missing[capability]);
    if (lacking) this.#refuse(lacking);
    const { ids } = input;
    const { vocabulary, maxPositions } = this.#graph.shape;
    if (ids.length === 0) throw new PromptError('a forward needs at least one token');
    const wrong = ids.find((id) => id < 0 || id >= vocabulary);
    if (wrong !== undefined)
      throw new PromptError(
        `the id ${wrong} is outside of the vocabulary (0 to ${vocabulary - 1})`,
      );
    const end = this.cache.nextPosition + ids.length;
    if (end > maxPositions)
      throw new PromptError(
        `${end} tokens are more than the ${maxPositions} that '${this.#graph.id}' was made for; shorten the prompt`,
      );
  }

  #checkOpen(): void {
    if (this.#closed)
      throw new StateError(`a sequence of '${this.#graph.id}' was used after close`);
  }

  #refuse(capability: Capability): never {
    const { id } = this.#graph;
    throw new MissingCapabilityError('forward', capability, id, missing[capability] ?? '');
  }
}

function join(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0];
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
