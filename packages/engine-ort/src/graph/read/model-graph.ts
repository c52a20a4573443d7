import { fromBinary } from '@bufbuild/protobuf';
import type { Capability, DecoderShape } from '@pliant/core';
import { InvalidModelError, UnsupportedModelError } from '../errors.js';
import { allTensors } from '../onnx/all-tensors.js';
import { externalFiles } from '../onnx/external-files.js';
import { type GraphIndex, indexGraph } from '../onnx/graph-index.js';
import { type GraphProto, type ModelProto, ModelProtoSchema } from '../onnx/onnx_pb.js';
import { withWeightsAside } from '../onnx/weights-aside.js';
import { type Attention, GROUP_QUERY_ATTENTION, readAttention } from './attention.js';
import { missingCapabilities } from './capabilities.js';
import {
  checkCaches,
  embeddingOutputs,
  type GraphNames,
  readKvElementType,
  readNames,
} from './graph-inputs.js';
import {
  type Boundary,
  findBoundaries,
  findLayers,
  type LayerStructure,
  type NoStructure,
} from './layer-structure.js';
import { type ModelConfig, readModelConfig } from './model-config.js';
import { otherAttention } from './other-attention.js';
import { readShape } from './read-shape.js';
import { findWayOut, type WayOut } from './way-out.js';
import { checkWireLimits } from './wire-limits.js';

const MAX_NODES = 100_000;
const MAX_LAYERS = 512;
const MIN_OPSET = 13;
const STANDARD_DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx']);

/** A decoder-only model, taken apart. Made by `readModelGraph`, never changed. */
export interface ModelGraph {
  readonly model: ModelProto;
  readonly graph: GraphProto;
  readonly index: GraphIndex;
  /** Version of the standard operators. */
  readonly opset: number;
  readonly shape: DecoderShape;
  readonly kvElementType: 'float' | 'float16';
  /** [layers], in the order of the data flow. */
  readonly attentions: readonly Attention[];
  /**
   * [layers + 1], boundaries before each layer and before the LM head; undefined if none was
   * recognised.
   */
  readonly boundaries: readonly (Boundary | undefined)[];
  /** Layers that can be left out, or the reason why not. */
  readonly structure: LayerStructure | NoStructure;
  /** The file's own names. */
  readonly names: GraphNames;
  /** Relative paths of the files that hold weights, checked: no absolute path, no `..`. */
  readonly externalFiles: readonly string[];
  /** Operators used, `domain:type` for those outside the standard, sorted. */
  readonly operators: readonly string[];
  /** Ways out for later refusals. */
  readonly wayOut: WayOut;
  /** For each capability that the graph cannot serve: the reason and the way out. */
  readonly missing: { readonly [capability in Capability]?: string };
}

/**
 * Reads a decoder-only export whose attention is com.microsoft.GroupQueryAttention.
 * @param bytes kept referenced without `file`: weights are not copied
 * @param config the parsed config.json, if there is one: supplies what the graph leaves open
 * @param file name of the file of these bytes. Large weights then become external data in that
 * file, so nothing holds them in memory
 * @throws InvalidModelError for bytes that are not an ONNX model, or that contradict themselves or
 * the config
 * @throws UnsupportedModelError for another kind of model
 */
export function readModelGraph(bytes: Uint8Array, config?: unknown, file?: string): ModelGraph {
  const model = parse(bytes, file);
  const { graph } = model;
  if (!graph || graph.node.length === 0)
    throw new InvalidModelError('The file is not an ONNX model: it has no graph.');
  if (graph.node.length > MAX_NODES)
    throw new InvalidModelError(`The graph has more than ${MAX_NODES} nodes.`);
  const opset = readOpset(model);
  const index = indexGraph(graph);
  const wayOut = findWayOut(model);
  const attentions = readAttentions(graph, index, wayOut);
  checkCaches(graph, index, attentions, wayOut);
  const names = readNames(graph, index, attentions, wayOut);
  const embedding = embeddingOutputs(index, names.inputIds);
  const boundaries = findBoundaries(index, attentions, embedding, names.logits);
  const structure = findLayers(index, attentions, boundaries, embedding);
  const modelConfig = readModelConfig(config);
  checkConfig(modelConfig, attentions);
  return {
    model,
    graph,
    index,
    opset,
    shape: readShape({
      graph,
      index,
      attentions,
      boundaries,
      logits: names.logits,
      config: modelConfig,
      wayOut,
    }),
    kvElementType: readKvElementType(graph, attentions, wayOut),
    attentions,
    boundaries,
    structure,
    names,
    externalFiles: externalFiles(allTensors(graph)),
    operators: listOperators(graph),
    wayOut,
    missing: missingCapabilities({
      graph,
      index,
      logits: names.logits,
      attentions,
      boundaries,
      structure,
    }),
  };
}

function parse(bytes: Uint8Array, file?: string): ModelProto {
  try {
    checkWireLimits(bytes);
    const model = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
    return file === undefined ? model : withWeightsAside(model, bytes, file);
  } catch (error) {
    if (InvalidModelError.isInstance(error)) throw error;
    throw new InvalidModelError(
      `The file is not an ONNX model, or is cut short: ${error instanceof Error ? error.message : error}.`,
      { cause: error },
    );
  }
}

function readOpset(model: ModelProto): number {
  const version = model.opsetImport.find(({ domain }) => STANDARD_DOMAINS.has(domain))?.version;
  if (version === undefined)
    throw new InvalidModelError(
      'The ONNX model does not say which operators it uses (opset_import).',
    );
  if (version < BigInt(MIN_OPSET))
    throw new UnsupportedModelError(
      `The model uses opset ${version}; at least ${MIN_OPSET} is needed. Export it again with a newer exporter.`,
    );
  return Number(version);
}

function listOperators(graph: GraphProto): string[] {
  const operators = new Set<string>();
  for (const { domain, opType } of graph.node)
    operators.add(STANDARD_DOMAINS.has(domain) ? opType : `${domain}:${opType}`);
  return [...operators].sort();
}

function readAttentions(graph: GraphProto, index: GraphIndex, wayOut: WayOut): Attention[] {
  const attentions: Attention[] = [];
  for (const node of index.nodes)
    if (node.opType === GROUP_QUERY_ATTENTION && node.domain === 'com.microsoft')
      attentions.push(readAttention(node, index, wayOut));
  if (attentions.length === 0) throw otherAttention(graph, wayOut);
  if (attentions.length > MAX_LAYERS)
    throw new UnsupportedModelError(`The model has more than ${MAX_LAYERS} attention layers.`);
  const [first] = attentions;
  if (attentions.some(({ heads, kvHeads }) => heads !== first.heads || kvHeads !== first.kvHeads))
    throw new UnsupportedModelError('The layers of the model differ in their number of heads.');
  return attentions;
}

function checkConfig(config: ModelConfig, attentions: readonly Attention[]): void {
  const [{ heads, kvHeads }] = attentions;
  const graph = { layers: attentions.length, heads, kvHeads };
  for (const key of ['layers', 'heads', 'kvHeads'] as const)
    if (config[key] !== undefined && config[key] !== graph[key])
      throw new InvalidModelError(
        `config.json says ${config[key]} ${key}, the ONNX graph has ${graph[key]}: they belong to different models.`,
      );
}
