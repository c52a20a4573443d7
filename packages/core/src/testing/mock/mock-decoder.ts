import { createHash } from 'node:crypto';
import { allCapabilities, type Capability } from '../../contract/capability.js';
import type {
  Decoder,
  DecoderShape,
  ForwardInput,
  ForwardOutput,
  Sequence,
  Want,
} from '../../contract/decoder.js';
import { InvalidOptionsError, PliantError, StateError } from '../../contract/errors.js';
import { type MockDecoderOptions, parseDraftOptions, parseMockOptions } from './mock-options.js';
import { MockSequence, pause, type SequenceHost } from './mock-sequence.js';
import { MockModel } from './model/mock-model.js';
import { mockTokenizer } from './model/mock-tokenizer.js';
import { mockWeights, type Weights } from './model/mock-weights.js';
import { refuseMissing } from './refuse-missing.js';

/** One forward of one sequence, as it was asked for. */
export interface ForwardCall {
  /** Number of the sequence: 0 for the first one opened or forked. */
  readonly sequence: number;
  /** Sequences in the same forward: 1, more for `forwardBatch`. */
  readonly batch: number;
  readonly ids: readonly number[];
  readonly positions: readonly number[];
  readonly layers?: readonly number[];
  readonly layerScales?: readonly number[];
  readonly want?: Want;
}

export interface MockDecoder<Have extends Capability = Capability> extends Decoder<Have> {
  /**
   * Every forward begun since the decoder was made, also one that failed or was aborted on the way.
   */
  readonly calls: readonly ForwardCall[];
  /** Forwards begun, those of drafts included; a batch is one. */
  readonly forwards: number;
  /** Sequences not closed yet, those of drafts included: 0 where nothing leaks. */
  readonly openSequences: number;
  forwardBatch(
    sequences: readonly Sequence[],
    inputs: readonly ForwardInput[],
  ): Promise<ForwardOutput[]>;
  prepare(needs?: readonly Capability[]): Promise<void>;
  /** Depends on the shape and the seed: a draft has that of a decoder with as many layers. */
  fingerprint(): Promise<string>;
  /**
   * A decoder of the same weights that ends after the first `layers` layers. It records its own
   * calls, and closes with this one.
   * @throws InvalidOptionsError for less than 1 or more than all layers
   */
  draft(options: { readonly layers: number }): MockDecoder<Have>;
}

/**
 * A small transformer in plain arrays, for tests: random weights from a seed, the vocabulary of
 * `mockTokenizer`, hidden size 32, 4 query heads and 2 KV heads of 8, and every capability of the
 * contract. Deterministic to the bit: a prompt read in chunks, in a fork or in a batch gives the
 * logits of a single forward. It is strict where an engine may be lenient: a forward that uses what
 * `open({ needs })` did not list is refused, and a sequence's logits are overwritten by its next
 * forward.
 *
 * ```ts
 * const decoder = mockDecoder({ failAt: 3 });
 * const stack = pipeline(decoder, { tokenizer: mockTokenizer() });
 * await expect(stack.generate({ text: 'Hi' })).rejects.toThrow('forward 3');
 * expect(decoder.openSequences).toBe(0);
 * ```
 * @throws InvalidOptionsError
 */
export function mockDecoder<const Have extends Capability = Capability>(
  options: MockDecoderOptions<Have> = {},
): MockDecoder<Have> {
  const { seed, layers, maxPositions, ...rest } = parseMockOptions(options);
  const shape: DecoderShape = {
    layers,
    heads: 4,
    kvHeads: 2,
    headDim: 8,
    hidden: 32,
    vocabulary: mockTokenizer().vocabularySize,
    maxPositions,
  };
  const id = `mock-${seed}`;
  return makeDecoder<Have>(id, shape, mockWeights(shape, seed), {
    ...rest,
    seed,
    begun: { forwards: 0 },
  });
}

type Behaviour = Omit<ReturnType<typeof parseMockOptions>, 'layers' | 'maxPositions'> & {
  /** Shared with the drafts. */
  readonly begun: { forwards: number };
};

function makeDecoder<Have extends Capability>(
  id: string,
  shape: DecoderShape,
  weights: Weights,
  behaviour: Behaviour,
): MockDecoder<Have> {
  const { seed, failAt, delay, begun } = behaviour;
  const capabilities = new Set<Capability>(behaviour.capabilities);
  const missing = Object.fromEntries(
    allCapabilities
      .filter((capability) => !capabilities.has(capability))
      .map((capability) => [capability, `The mock decoder was made without '${capability}'.`]),
  );
  const calls: ForwardCall[] = [];
  const drafts: MockDecoder[] = [];
  let sequences = 0;
  let closed = false;

  const host: SequenceHost = {
    shape,
    weights,
    model: new MockModel(shape, weights),
    capabilities,
    delay,
    open: new Set(),
    nextNumber: () => sequences++,
    record(recorded) {
      for (const { sequence, input, checked } of recorded)
        calls.push({
          sequence: sequence.number,
          batch: recorded.length,
          ids: [...checked.ids],
          positions: [...checked.positions],
          ...(input.layers && { layers: [...input.layers] }),
          ...(input.layerScales && { layerScales: [...input.layerScales] }),
          ...(input.want && { want: input.want }),
        });
      begun.forwards++;
      if (begun.forwards === failAt)
        throw new PliantError(`mock decoder: forward ${failAt} fails, as asked`);
    },
  };

  const alive = () => {
    if (closed) throw new StateError('the mock decoder is closed');
  };

  return {
    id,
    capabilities: capabilities as ReadonlySet<unknown> as ReadonlySet<Have>,
    missing,
    shape,
    vocabularyFingerprint: mockTokenizer().fingerprint,
    fingerprint: async () =>
      createHash('sha256')
        .update(JSON.stringify([seed, shape]))
        .digest('hex'),
    calls,
    get forwards() {
      return begun.forwards;
    },
    get openSequences() {
      return drafts.reduce((sum, draft) => sum + draft.openSequences, host.open.size);
    },
    async open(options = {}) {
      alive();
      for (const need of options.needs ?? []) refuseMissing(capabilities, need, 'decoder.open');
      return new MockSequence(host, options);
    },
    async forwardBatch(batch, inputs) {
      alive();
      refuseMissing(capabilities, 'batch', 'decoder.forwardBatch');
      return forwardBatch(host, batch, inputs);
    },
    async prepare(needs = []) {
      alive();
      for (const need of needs) refuseMissing(capabilities, need, 'decoder.prepare');
    },
    async close() {
      closed = true;
      for (const sequence of host.open) sequence.close();
      for (const draft of drafts) await draft.close();
    },
    [Symbol.asyncDispose]() {
      return this.close();
    },
    draft(options) {
      alive();
      const { layers } = parseDraftOptions(options, shape.layers);
      const draft = makeDecoder<Have>(
        `${id}-draft-${layers}`,
        { ...shape, layers },
        weights,
        behaviour,
      );
      drafts.push(draft);
      return draft;
    },
  };
}

async function forwardBatch(
  host: SequenceHost,
  sequences: readonly Sequence[],
  inputs: readonly ForwardInput[],
): Promise<ForwardOutput[]> {
  const members = sequences.filter(
    (sequence): sequence is MockSequence =>
      sequence instanceof MockSequence && sequence.belongsTo(host),
  );
  const refuse = (path: string, message: string) =>
    new InvalidOptionsError('mock decoder, forwardBatch', [{ path, message }]);
  if (members.length !== sequences.length || new Set(members).size !== members.length)
    throw refuse('sequences', 'must be different sequences of this decoder');
  if (inputs.length !== members.length || inputs.length === 0)
    throw refuse('inputs', `${inputs.length} inputs for ${members.length} sequences`);
  if (inputs.some(({ ids }) => ids.length !== 1)) throw refuse('inputs', 'one token each');
  const gates = inputs.map(({ layers, layerScales }) => `${layers?.join()} ${layerScales?.join()}`);
  if (new Set(gates).size > 1) throw refuse('inputs', 'layers and their scales must be equal');

  const begun: {
    sequence: MockSequence;
    input: ForwardInput;
    checked: ReturnType<MockSequence['begin']>;
  }[] = [];
  try {
    members.forEach((sequence, index) => {
      const input = inputs[index];
      begun.push({ sequence, input, checked: sequence.begin(input) });
    });
    host.record(begun);
    const signals = inputs.flatMap(({ signal }) => signal ?? []);
    await pause(host.delay, AbortSignal.any(signals));
    return begun.map(({ sequence, input, checked }) => sequence.finish(input, checked));
  } finally {
    for (const { sequence } of begun) sequence.release();
  }
}
