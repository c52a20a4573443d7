import { type Attention, GQA_INPUT } from './attention.js';
import { UnsupportedModelError, WAY_OUT } from './errors.js';
import { type GraphIndex, nodeReads } from './graph-index.js';
import type { ModelGraph } from './model-graph.js';
import { copyNode } from './node-builder.js';
import { type GraphProto, type NodeProto, TensorProto_DataType } from './onnx_pb.js';
import { prune } from './prune-graph.js';
import { dimensionsOf, elementTypeOf } from './tensor-shapes.js';

/** Every layer reads its own cache input and writes its own cache output. */
export function checkCaches(graph: GraphProto, attentions: readonly Attention[]): void {
  const inputs = new Set(graph.input.map(({ name }) => name));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const seen = new Set<string>();
  for (const { node } of attentions) {
    const past = [node.input[GQA_INPUT.pastKey], node.input[GQA_INPUT.pastValue]];
    const present = [node.output[1], node.output[2]];
    for (const name of past)
      if (!name || !inputs.has(name) || seen.has(name))
        throw new UnsupportedModelError(
          `Attention operator '${node.name}' has no cache input of its own. ${WAY_OUT}`,
        );
      else seen.add(name);
    for (const name of present)
      if (!name || !outputs.has(name))
        throw new UnsupportedModelError(
          `Attention operator '${node.name}' does not return its cache as a graph output. ${WAY_OUT}`,
        );
  }
}

/** The inputs and outputs beside the caches. */
export function readNames(
  graph: GraphProto,
  index: GraphIndex,
  attentions: readonly Attention[],
): ModelGraph['names'] {
  const caches = new Set<string>();
  for (const { node } of attentions)
    for (const name of [...node.input.slice(3, 5), ...node.output.slice(1, 3)]) caches.add(name);
  const inputs = graph.input
    .map(({ name }) => name)
    .filter((name) => !caches.has(name) && !index.initializers.has(name));
  const unknown = inputs.filter(
    (name) => !['input_ids', 'attention_mask', 'position_ids'].includes(name),
  );
  if (!inputs.includes('input_ids') || unknown.length > 0)
    throw new UnsupportedModelError(
      `The model takes ${inputs.join(', ')}; the engine knows input_ids, attention_mask, position_ids and the KV cache. ${WAY_OUT}`,
    );
  const outputs = graph.output.map(({ name }) => name).filter((name) => !caches.has(name));
  const logits = outputs.includes('logits') ? 'logits' : outputs[0];
  if (!logits || !index.producer.has(logits))
    throw new UnsupportedModelError(`The model returns no logits. ${WAY_OUT}`);
  checkMask(index, attentions, logits);
  return { inputIds: 'input_ids', logits };
}

/** The mask may tell the operators the cache lengths, which come from inputs of their own in a graph with ports, and nothing else. */
function checkMask(index: GraphIndex, attentions: readonly Attention[], logits: string): void {
  const reader = readerBeyondOperators(index, attentions, logits, 'attention_mask', [
    GQA_INPUT.seqlensK,
    GQA_INPUT.totalSequenceLength,
  ]);
  if (reader)
    throw new UnsupportedModelError(
      `The model uses attention_mask for more than the cache lengths (node '${reader.name}'). ${WAY_OUT}`,
    );
}

/** A node that the logits need and that reads a graph input, but for what the attention operators take at `places`. */
export function readerBeyondOperators(
  index: GraphIndex,
  attentions: readonly Attention[],
  logits: string,
  input: string,
  places: readonly number[],
): NodeProto | undefined {
  const operators = new Set(attentions.map(({ node }) => node));
  const nodes = index.nodes.map((node) =>
    operators.has(node)
      ? copyNode(node, { input: node.input.filter((_, at) => !places.includes(at)) })
      : node,
  );
  return prune(nodes, [logits]).nodes.find((node) => nodeReads(node).includes(input));
}

/** What is looked up by token id. */
export function embeddingOutputs(index: GraphIndex, inputIds: string): string[] {
  const outputs = (index.consumers.get(inputIds) ?? [])
    .map((at) => index.nodes[at])
    .filter(({ opType }) => opType.startsWith('Gather'))
    .flatMap(({ output }) => output.filter(Boolean));
  if (outputs.length === 0)
    throw new UnsupportedModelError(`The model has no embedding of input_ids. ${WAY_OUT}`);
  return outputs;
}

/** Checks the cache inputs against the operators and each other. */
export function readKvElementType(
  graph: GraphProto,
  attentions: readonly Attention[],
): 'float' | 'float16' {
  const byName = new Map(graph.input.map((input) => [input.name, input]));
  const types = new Set<TensorProto_DataType>();
  for (const { node, kvHeads } of attentions)
    for (const at of [GQA_INPUT.pastKey, GQA_INPUT.pastValue]) {
      const input = byName.get(node.input[at])!;
      types.add(elementTypeOf(input));
      const dimensions = dimensionsOf(input) ?? ['', kvHeads, '', ''];
      const [batch, heads, rows] = dimensions;
      if (
        dimensions.length !== 4 ||
        (typeof batch === 'number' && batch !== 1) ||
        (typeof heads === 'number' && heads !== kvHeads) ||
        typeof rows === 'number'
      )
        throw new UnsupportedModelError(
          `The cache input '${input.name}' has the shape [${dimensions.join(', ')}]; expected [batch, ${kvHeads}, rows, head dimension] with rows left open. ${WAY_OUT}`,
        );
    }
  const [type] = types;
  if (types.size === 1 && type === TensorProto_DataType.FLOAT) return 'float';
  if (types.size === 1 && type === TensorProto_DataType.FLOAT16) return 'float16';
  throw new UnsupportedModelError(
    `The KV cache is of type ${[...types].map((one) => TensorProto_DataType[one] ?? one).join(', ')}. Export with a cache of float or float16.`,
  );
}
