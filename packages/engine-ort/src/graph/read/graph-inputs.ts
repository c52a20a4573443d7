import { UnsupportedModelError } from '../errors.js';
import type { GraphIndex } from '../onnx/graph-index.js';
import { type GraphProto, type NodeProto, TensorProto_DataType } from '../onnx/onnx_pb.js';
import { dimensionsOf, elementTypeOf } from '../onnx/tensor-shapes.js';
import { type Attention, GQA_INPUT } from './attention.js';
import { readerBeyondOperators } from './reader-beyond-operators.js';
import type { WayOut } from './way-out.js';

/** A model's own names of its inputs and outputs. */
export interface GraphNames {
  readonly inputIds: string;
  readonly logits: string;
}

/** Checks that every layer reads its own cache input and writes its own cache output. */
export function checkCaches(
  graph: GraphProto,
  index: GraphIndex,
  attentions: readonly Attention[],
  wayOut: WayOut,
): void {
  const inputs = new Set(graph.input.map(({ name }) => name));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const seen = new Set<string>();
  const refuse = (node: NodeProto, what: string) =>
    new UnsupportedModelError(`Attention operator '${node.name}' ${what}. ${wayOut.all}`);
  for (const { node } of attentions) {
    for (const name of [node.input[GQA_INPUT.pastKey], node.input[GQA_INPUT.pastValue]]) {
      const maker = index.nodes[index.producer.get(name) ?? -1];
      if (maker)
        throw refuse(
          node,
          `does not read its cache input itself: '${maker.input[0]}' goes through ${maker.opType} ('${maker.name}') first${maker.opType === 'Cast' ? ', as where float16 weights were given float32 inputs' : ''}`,
        );
      if (!name || !inputs.has(name)) throw refuse(node, 'has no cache input');
      if (seen.has(name))
        throw refuse(node, `has no cache input of its own: another one reads '${name}' too`);
      seen.add(name);
    }
    for (const name of [node.output[1], node.output[2]])
      if (!name || !outputs.has(name))
        throw refuse(node, 'does not return its cache as a graph output');
  }
}

/** The inputs and outputs beside the caches. */
export function readNames(
  graph: GraphProto,
  index: GraphIndex,
  attentions: readonly Attention[],
  wayOut: WayOut,
): GraphNames {
  const caches = new Set<string>();
  for (const { node } of attentions)
    for (const name of [...node.input.slice(3, 5), ...node.output.slice(1, 3)]) caches.add(name);
  const inputs = graph.input
    .map(({ name }) => name)
    .filter((name) => !caches.has(name) && !index.initializers.has(name));
  const unknown = inputs.filter((name) => !KNOWN_INPUTS.includes(name));
  if (unknown.length > 0) throw unknownInputs(unknown, wayOut);
  if (!inputs.includes('input_ids'))
    throw new UnsupportedModelError(`The model does not take input_ids. ${wayOut.all}`);
  const outputs = graph.output.map(({ name }) => name).filter((name) => !caches.has(name));
  const logits = outputs.includes('logits') ? 'logits' : outputs[0];
  if (!logits || !index.producer.has(logits))
    throw new UnsupportedModelError(`The model returns no logits. ${wayOut.again}`);
  checkMask(index, attentions, logits, wayOut);
  return { inputIds: 'input_ids', logits };
}

const KNOWN_INPUTS = ['input_ids', 'attention_mask', 'position_ids'];

function unknownInputs(unknown: readonly string[], wayOut: WayOut): UnsupportedModelError {
  const names = unknown.slice(0, 4).join(', ') + (unknown.length > 4 ? ', ...' : '');
  if (unknown.includes('inputs_embeds'))
    return new UnsupportedModelError(
      'The model takes inputs_embeds: it was exported without its embedding, so it cannot read tokens. Export it with the embedding (input_ids).',
    );
  const states = unknown.filter((name) => /^past|state|conv/.test(name));
  if (states.length > 0)
    return new UnsupportedModelError(
      `The model keeps states besides the KV cache (${names}): layers without attention, convolutional or recurrent. Their state stands for all tokens so far, and cannot be cut by rows. Take a model with attention in every layer.`,
    );
  return new UnsupportedModelError(
    `The model takes ${names}; beside the KV cache the engine feeds ${KNOWN_INPUTS.join(', ')}. An export without ${unknown.length > 1 ? 'these inputs' : 'this input'} runs. ${wayOut.asIs}`.trimEnd(),
  );
}

/**
 * Checks that the mask tells the operators the cache lengths and nothing else. In a graph with
 * ports the lengths are inputs.
 */
function checkMask(
  index: GraphIndex,
  attentions: readonly Attention[],
  logits: string,
  wayOut: WayOut,
): void {
  const reader = readerBeyondOperators(index, attentions, logits, 'attention_mask', [
    GQA_INPUT.seqlensK,
    GQA_INPUT.totalSequenceLength,
  ]);
  if (!reader) return;
  if (attentions.some(({ rotary }) => rotary === 'computed'))
    throw new UnsupportedModelError(
      `The model chooses its rotation tables by the length of attention_mask (node '${reader.name}'), as LongRoPE does: tokens in the cache would keep another rotation than new ones. ${wayOut.asIs || wayOut.again}`,
    );
  throw new UnsupportedModelError(
    `The model uses attention_mask for more than the cache lengths (node '${reader.name}'). ${wayOut.all}`,
  );
}

/** Tensors looked up by token id. */
export function embeddingOutputs(index: GraphIndex, inputIds: string): string[] {
  const outputs = (index.consumers.get(inputIds) ?? [])
    .map((at) => index.nodes[at])
    .filter(({ opType }) => opType.startsWith('Gather'))
    .flatMap(({ output }) => output.filter(Boolean));
  if (outputs.length === 0)
    throw new UnsupportedModelError(
      'The model looks no embedding up by input_ids (Gather). Export it with its embedding.',
    );
  return outputs;
}

/** Checks the cache inputs against the operators and each other. */
export function readKvElementType(
  graph: GraphProto,
  attentions: readonly Attention[],
  wayOut: WayOut,
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
          `The cache input '${input.name}' has the shape [${dimensions.join(', ')}]; expected [batch, ${kvHeads}, rows, head dimension] with rows left open. ${wayOut.all}`,
        );
    }
  const [type] = types;
  if (types.size === 1 && type === TensorProto_DataType.FLOAT) return 'float';
  if (types.size === 1 && type === TensorProto_DataType.FLOAT16) return 'float16';
  throw new UnsupportedModelError(
    `The KV cache is of type ${[...types].map((one) => TensorProto_DataType[one] ?? one).join(', ')}; the engine has caches of float32. ${wayOut.again}`,
  );
}
