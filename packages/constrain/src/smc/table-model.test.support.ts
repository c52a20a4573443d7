import type {
  Capability,
  Decoder,
  ForwardInput,
  ForwardOutput,
  Sequence,
  Tokenizer,
} from '@pliant/core';
import { fingerprintVocabulary } from '@pliant/core/engine';

/** Probabilities of the next symbol, a character or `EOS`. */
export type Table = Readonly<Record<string, number>>;

/** A model whose next symbol is read from a table, and a tokenizer with a token for each symbol. */
export interface TableModel {
  readonly decoder: TableDecoder;
  readonly tokenizer: Tokenizer;
  /** A prompt that adds nothing to the text. */
  readonly prompt: { readonly ids: Int32Array };
}

export interface TableDecoder extends Decoder {
  /** Tokens read, in all sequences. */
  readonly read: number;
  readonly openSequences: number;
  /** Sequences in each forward. */
  readonly batches: readonly number[];
}

/** @param next by the text so far; symbols left out have probability 0 */
export function tableModel(
  symbols: string,
  next: (text: string) => Table,
  capabilities: readonly Capability[] = ['fork', 'batch'],
): TableModel {
  const end = symbols.length;
  const start = end + 1;
  const names = [...symbols, 'EOS', 'START'];
  const utf8 = new TextEncoder();
  const tokenizer: Tokenizer = {
    vocabularySize: names.length,
    fingerprint: fingerprintVocabulary(names),
    endOfText: new Set([end]),
    special: new Set([end, start]),
    encode: (text) => Int32Array.from([...text], (symbol) => names.indexOf(symbol)),
    decode: (ids) => ids.map((id) => names[id]).join(''),
    bytes: (id) => utf8.encode(names[id]),
    renderChat: () => '',
  };
  const state = { read: 0, open: 0, batches: [] as number[] };
  const logits = (ids: readonly number[]) => {
    const table = next(
      ids
        .filter((id) => id < end)
        .map((id) => names[id])
        .join(''),
    );
    return Float32Array.from(names, (name) => Math.log(table[name] ?? 0));
  };
  const sequence = (ids: number[]): Sequence & { read(input: ForwardInput): ForwardOutput } => {
    state.open++;
    return {
      cache: {
        layers: 1,
        kvHeads: 1,
        bytes: 0,
        get nextPosition() {
          return ids.length;
        },
        get nextRotaryPosition() {
          return ids.length;
        },
        rows: () => ids.length,
        positions: () => Int32Array.from(ids, (_, position) => position),
        keys: () => new Float32Array(),
        values: () => new Float32Array(),
      },
      read(input) {
        state.read += input.ids.length;
        ids.push(...input.ids);
        return { logits: logits(ids) };
      },
      async forward(input) {
        input.signal?.throwIfAborted();
        state.batches.push(1);
        return this.read(input);
      },
      edit() {
        throw new Error('not edited here');
      },
      fork: async () => sequence([...ids]),
      close() {
        state.open--;
      },
    };
  };
  const decoder: TableDecoder = {
    id: 'table',
    capabilities: new Set(capabilities),
    shape: {
      layers: 1,
      heads: 1,
      kvHeads: 1,
      headDim: 1,
      hidden: 1,
      vocabulary: names.length,
      maxPositions: 1000,
    },
    get read() {
      return state.read;
    },
    get openSequences() {
      return state.open;
    },
    batches: state.batches,
    open: async () => sequence([]),
    async forwardBatch(sequences, inputs) {
      state.batches.push(sequences.length);
      return sequences.map((one, index) =>
        (one as ReturnType<typeof sequence>).read(inputs[index]),
      );
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return { decoder, tokenizer, prompt: { ids: Int32Array.of(start) } };
}

/** Every text of at most `maxTokens` tokens, its end included, with its probability. */
export function enumerate(
  symbols: string,
  next: (text: string) => Table,
  maxTokens: number,
): ReadonlyMap<string, number> {
  const ended = new Map<string, number>();
  const visit = (text: string, probability: number) => {
    const table = next(text);
    if (table.EOS) ended.set(text, probability * table.EOS);
    if (text.length + 1 < maxTokens)
      for (const symbol of symbols)
        if (table[symbol]) visit(text + symbol, probability * table[symbol]);
  };
  visit('', 1);
  return ended;
}
