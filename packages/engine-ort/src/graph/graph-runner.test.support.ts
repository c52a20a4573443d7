import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { argmax } from '@pliant/core';
import type { EvidenceName } from '@pliant/core/engine';
import { fixturePath, readJson } from '@pliant/fixtures';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { addPorts } from './assemble/ported-model.js';
import { LOG_NORM_RATIOS, MEAN_COSINES } from './evidence/block-influences.js';
import { HIDDEN_MEANS } from './evidence/hidden-means.js';
import { HIDDEN_ROWS } from './evidence/hidden-rows.js';
import { QUERY_ROWS, queryRows } from './evidence/scores.js';
import { makeValue } from './onnx/node-builder.js';
import { ModelProtoSchema, TensorProto_DataType } from './onnx/onnx_pb.js';
import {
  INPUT_IDS,
  LAYER_GATES,
  LAYER_SCALES,
  LOGIT_ROWS,
  LOGITS,
  POSITION_IDS,
  pastKey,
  pastValue,
  presentKey,
  presentValue,
  SEQLENS_K,
  TOTAL_SEQUENCE_LENGTH,
} from './ports/port-names.js';
import type { Ports } from './ports/port-options.js';
import { type ModelGraph, readModelGraph } from './read/model-graph.js';

process.env.ORT_DISABLE_TELEMETRY = '1';
const { InferenceSession: Session, Tensor } = await import('onnxruntime-node');

export const TINY_MODELS = [
  'llama',
  'qwen2',
  'qwen3',
  'phi3',
  'mistral',
  'gemma3',
  'smollm3',
  'granite',
] as const;

/** Part of golden.json. */
export interface Golden {
  readonly prompts: {
    readonly short: GoldenPrompt;
    readonly long?: GoldenPrompt & GoldenInternals;
  };
}
export interface GoldenPrompt {
  readonly ids: number[];
  readonly prefillLastLogits: number[];
  readonly argmaxAllRows: number[];
  readonly top2MarginAllRows: number[];
  readonly greedyTokens: number[];
  readonly firstDecodeLogits: number[];
}
interface GoldenInternals {
  readonly internals?: {
    readonly keyCachePostRope: { readonly positions: number[]; readonly values: number[][][][] };
    readonly queryPreRope: { readonly rows: number[]; readonly values: number[][][][] };
    readonly attentionPostSoftmax: {
      readonly layers: number[];
      readonly rows: number[];
      readonly values: number[][][][];
    };
    readonly normalisedInputMean: { readonly values: number[][] };
  };
  readonly layerSkip?: {
    readonly skippedLayers: number[];
    readonly fedToken: number;
    readonly position: number;
    readonly firstDecodeLogits: number[];
    readonly greedyTokens: number[];
  };
  readonly policies?: { readonly [name: string]: unknown };
}

export interface TinyModel {
  readonly bytes: Uint8Array;
  readonly config: unknown;
  readonly golden: Golden;
  readonly model: ModelGraph;
}

const tinyRead = new Map<string, TinyModel>();

/** Read once: neither the bytes nor the model are to be changed. */
export function tinyModel(name: string): TinyModel {
  const known = tinyRead.get(name);
  if (known) return known;
  const bytes = new Uint8Array(readFileSync(fixturePath(`models/tiny-${name}/onnx/model.onnx`)));
  const config = readJson<unknown>(`models/tiny-${name}/config.json`);
  const golden = readJson<Golden>(`models/tiny-${name}/golden.json`);
  const tiny = { bytes, config, golden, model: readModelGraph(bytes, config) };
  tinyRead.set(name, tiny);
  return tiny;
}

/** @param weights folder of external weights */
export function openSession(bytes: Uint8Array, weights?: string): Promise<InferenceSession> {
  return Session.create(bytes, {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
    ...(weights && {
      extra: { session: { model_external_initializers_file_folder_path: path.resolve(weights) } },
    }),
  });
}

/** By model and what is asked of it. */
const sessions = new WeakMap<ModelGraph, Map<string, Promise<InferenceSession>>>();

/** A session that is opened once for a model. @param key of the graph that `build` makes of it */
export function sharedSession(
  model: ModelGraph,
  key: string,
  build: () => Uint8Array,
  weights?: string,
): Promise<InferenceSession> {
  const known = sessions.get(model) ?? new Map<string, Promise<InferenceSession>>();
  sessions.set(model, known);
  const session = known.get(key) ?? openSession(build(), weights);
  known.set(key, session);
  return session;
}

export const PLAIN_PORTS: Ports = {
  cache: 'new-rows',
  gates: false,
};

interface Rows {
  /** [kvHeads][rows x headDim] */
  key: number[][];
  value: number[][];
}

export interface Step {
  readonly logits: Float32Array;
  /** [layers], [rows x heads x headDim] each. */
  readonly queries: Float32Array[];
  /** [layers x hidden] */
  readonly means?: Float32Array;
  /** [layers] each */
  readonly influences?: { readonly cosines: Float32Array; readonly logNormRatios: Float32Array };
  /** Tensors that `open` was asked to return. */
  readonly extra: Float32Array[];
}

/** A loop over a graph with ports that is as plain as can be: it copies its cache every step. */
export class GraphRunner {
  /** [layers] */
  readonly cache: Rows[];
  readonly #layers: number;

  private constructor(
    private readonly session: InferenceSession,
    private readonly model: ModelGraph,
    private readonly ports: Ports,
    private readonly extra: readonly string[],
  ) {
    this.#layers = ports.layers ?? model.shape.layers;
    const empty = () => Array.from({ length: model.shape.kvHeads }, (): number[] => []);
    this.cache = Array.from({ length: this.#layers }, () => ({ key: empty(), value: empty() }));
  }

  /** With an empty cache; runners of the same graph share a session. */
  static async open(
    model: ModelGraph,
    ports: Partial<Ports> = {},
    weights?: string,
    extra: readonly string[] = [],
  ): Promise<GraphRunner> {
    const all = { ...PLAIN_PORTS, ...ports };
    const key = JSON.stringify([all, weights, extra]);
    const build = () => withOutputs(addPorts(model, all), extra);
    const session = await sharedSession(model, key, build, weights);
    return new GraphRunner(session, model, all, extra);
  }

  /** A runner of the same session with a cache of its own, equal at first. */
  copy(): GraphRunner {
    const copy = new GraphRunner(this.session, this.model, this.ports, this.extra);
    copy.cache.forEach((rows, layer) => {
      rows.key = this.cache[layer].key.map((head) => [...head]);
      rows.value = this.cache[layer].value.map((head) => [...head]);
    });
    return copy;
  }

  #gives(name: EvidenceName): boolean {
    return this.ports.evidence?.includes(name) ?? false;
  }

  rows(layer: number): number {
    return this.cache[layer].key[0].length / this.model.shape.headDim;
  }

  async forward(
    ids: readonly number[],
    start: number | readonly number[],
    options: {
      readonly gates?: readonly boolean[];
      readonly queryRows?: number;
      readonly logitRows?: number;
      /** Rows of capacity beyond those in use. */
      readonly spare?: number;
    } = {},
  ): Promise<Step> {
    const { kvHeads, headDim } = this.model.shape;
    const gates = options.gates ?? Array.from({ length: this.#layers }, () => true);
    const totals = this.cache.map((_, layer) => this.rows(layer) + (gates[layer] ? ids.length : 0));
    const positions = typeof start === 'number' ? ids.map((_, at) => start + at) : start;
    const past = (head: number[], spare: number) => [
      ...head,
      ...new Array<number>(spare * headDim).fill(Number.NaN),
    ];
    const feeds: { [name: string]: OrtTensor } = {
      [INPUT_IDS]: int64(ids, [1, ids.length]),
      [POSITION_IDS]: int64(positions, [1, ids.length]),
      [SEQLENS_K]: new Tensor(
        'int32',
        Int32Array.from(totals, (rows) => rows - 1),
        [this.#layers, 1],
      ),
      [TOTAL_SEQUENCE_LENGTH]: new Tensor('int32', Int32Array.from(totals), [this.#layers]),
      [LOGIT_ROWS]: int64([options.logitRows ?? 1], [1]),
      ...(this.ports.gates && {
        [LAYER_GATES]: new Tensor('bool', Uint8Array.from(gates, Number), [this.#layers]),
        [LAYER_SCALES]: new Tensor('float32', new Float32Array(this.#layers).fill(1), [
          this.#layers,
        ]),
      }),
      ...(this.#gives('scores') && { [QUERY_ROWS]: int64([options.queryRows ?? 0], [1]) }),
      ...(this.#gives('hiddenRows') && {
        [HIDDEN_ROWS]: int64(new Array<number>(this.#layers + 1).fill(1), [this.#layers + 1]),
      }),
    };
    for (const [layer, rows] of this.cache.entries())
      for (const [name, heads] of [
        [pastKey(layer), rows.key],
        [pastValue(layer), rows.value],
      ] as const) {
        const spare = options.spare ?? 0;
        const data = heads.flatMap((head) => past(head, spare));
        feeds[name] = new Tensor('float32', Float32Array.from(data), [
          1,
          kvHeads,
          this.rows(layer) + spare,
          headDim,
        ]);
      }
    const results = await this.session.run(feeds);
    for (const [layer, rows] of this.cache.entries())
      for (const [name, heads] of [
        [presentKey(layer), rows.key],
        [presentValue(layer), rows.value],
      ] as const) {
        const written = floats(results[name]);
        const width = written.length / kvHeads;
        heads.forEach((head, at) => {
          head.push(...written.subarray(at * width, (at + 1) * width));
        });
      }
    return {
      logits: floats(results[LOGITS]),
      queries: this.#gives('scores')
        ? this.cache.map((_, layer) => floats(results[queryRows(layer)]))
        : [],
      ...(this.#gives('hiddenMeans') && { means: floats(results[HIDDEN_MEANS]) }),
      ...(this.#gives('blockInfluences') && {
        influences: {
          cosines: floats(results[MEAN_COSINES]),
          logNormRatios: floats(results[LOG_NORM_RATIOS]),
        },
      }),
      extra: this.extra.map((name) => floats(results[name])),
    };
  }

  /** One token each of this sequence and `other` in one forward, which neither remembers. */
  async batch(
    other: GraphRunner,
    tokens: readonly number[],
    spare: number,
  ): Promise<{ logits: Float32Array[]; keys: Float32Array[][]; values: Float32Array[][] }> {
    const { kvHeads, headDim, vocabulary } = this.model.shape;
    const both: GraphRunner[] = [this, other];
    const totals = both.map((one) => one.rows(0) + 1);
    const capacity = Math.max(...totals) + spare;
    const each = <T>(value: T) => new Array<T>(this.#layers).fill(value);
    const feeds: { [name: string]: OrtTensor } = {
      [INPUT_IDS]: int64(tokens, [2, 1]),
      [POSITION_IDS]: int64(
        totals.map((total) => total - 1),
        [2, 1],
      ),
      [SEQLENS_K]: new Tensor(
        'int32',
        Int32Array.from(each(totals).flat(), (total) => total - 1),
        [this.#layers, 2],
      ),
      [TOTAL_SEQUENCE_LENGTH]: new Tensor('int32', Int32Array.from(each(Math.max(...totals))), [
        this.#layers,
      ]),
      [LOGIT_ROWS]: int64([1], [1]),
    };
    const padded = (head: number[]) => {
      const row = new Float32Array(capacity * headDim);
      row.set(head);
      return [...row];
    };
    for (let layer = 0; layer < this.#layers; layer++)
      for (const [name, part] of [
        [pastKey(layer), 'key'],
        [pastValue(layer), 'value'],
      ] as const)
        feeds[name] = float(
          both.flatMap((one) => one.cache[layer][part].flatMap(padded)),
          [2, kvHeads, capacity, headDim],
        );
    const results = await this.session.run(feeds);
    const parts = (name: string, size: number) =>
      both.map((_, at) => floats(results[name]).subarray(at * size, (at + 1) * size));
    const written = (name: (layer: number) => string) =>
      this.cache.map((_, layer) => parts(name(layer), kvHeads * headDim));
    return {
      logits: parts(LOGITS, vocabulary),
      keys: written(presentKey),
      values: written(presentValue),
    };
  }

  /** Keeps the given rows of each layer and KV head. */
  keep(kept: readonly (readonly (readonly number[])[])[]): void {
    const { headDim } = this.model.shape;
    for (const [layer, rows] of this.cache.entries())
      for (const heads of [rows.key, rows.value])
        heads.forEach((head, at) => {
          heads[at] = kept[layer][at].flatMap((row) =>
            head.slice(row * headDim, (row + 1) * headDim),
          );
        });
  }

  /** Greedy tokens from here on: `token` is fed at `position`. */
  async greedy(
    token: number,
    position: number,
    count: number,
    gates?: readonly boolean[],
  ): Promise<{ tokens: number[]; firstLogits: Float32Array }> {
    const tokens: number[] = [];
    let firstLogits = new Float32Array();
    let next = token;
    for (let step = 0; step < count; step++) {
      const { logits } = await this.forward([next], position + step, { gates });
      if (step === 0) firstLogits = Float32Array.from(logits);
      next = argmax(logits);
      tokens.push(next);
    }
    return { tokens, firstLogits };
  }
}

/** The model with more of its tensors as outputs. */
function withOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  if (names.length === 0) return bytes;
  const model = fromBinary(ModelProtoSchema, bytes);
  for (const name of names) model.graph!.output.push(makeValue(name, TensorProto_DataType.FLOAT));
  return toBinary(ModelProtoSchema, model);
}

export function int64(values: readonly number[], dimensions: readonly number[]): OrtTensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dimensions);
}

export function float(values: ArrayLike<number>, dimensions: readonly number[]): OrtTensor {
  return new Tensor('float32', Float32Array.from(values), dimensions);
}

export function floats(tensor: OrtTensor): Float32Array {
  return tensor.data as Float32Array;
}

/** Largest difference of two equally long lists. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let at = 0; at < a.length; at++) {
    const difference = Math.abs(a[at] - b[at]);
    if (!(difference <= most)) most = difference;
  }
  return most;
}
