import type { DecoderShape } from '@pliant/core';
import { InvalidModelError, UnsupportedModelError } from '../errors.js';
import type { GraphIndex } from '../onnx/graph-index.js';
import type { GraphProto } from '../onnx/onnx_pb.js';
import { consumedWidth, dimensionsOf, producedWidth } from '../onnx/tensor-shapes.js';
import { type Attention, GQA_INPUT } from './attention.js';
import type { Boundary } from './layer-structure.js';
import type { ModelConfig } from './model-config.js';
import type { WayOut } from './way-out.js';

interface Sources {
  readonly graph: GraphProto;
  readonly index: GraphIndex;
  readonly attentions: readonly Attention[];
  readonly boundaries: readonly (Boundary | undefined)[];
  readonly logits: string;
  readonly config: ModelConfig;
  readonly wayOut: WayOut;
}

/** Sizes of the decoder: from the graph, then from its weights, then from the config. */
export function readShape(sources: Sources): DecoderShape {
  const { attentions, config } = sources;
  const [{ heads, kvHeads }] = attentions;
  const slidingWindows = attentions.map(({ slidingWindow }) => slidingWindow);
  const headDim = readHeadDim(sources);
  checkWidths(sources, headDim);
  for (const { rotary } of attentions)
    if (typeof rotary === 'object' && rotary.dimensions > headDim)
      throw new InvalidModelError(
        `The model rotates ${rotary.dimensions} dimensions of heads that have ${headDim}.`,
      );
  return {
    layers: attentions.length,
    heads,
    kvHeads,
    headDim,
    hidden: known('hidden size', readHidden(sources) ?? config.hidden),
    vocabulary: known('vocabulary', readVocabulary(sources)),
    maxPositions: known('context length (max_position_embeddings)', readMaxPositions(sources)),
    ...(slidingWindows.some((window) => window > 0) && { slidingWindows }),
  };
}

/** Beyond any model: a larger size is damage, and would be allocated. */
const MAX_SIZE = 2 ** 24;

function known(what: string, value: number | undefined): number {
  if (value !== undefined && value > MAX_SIZE)
    throw new InvalidModelError(`The graph tells a ${what} of ${value}.`);
  if (value === undefined)
    throw new UnsupportedModelError(
      `The graph does not tell its ${what}. Give the model's config.json along with it.`,
    );
  return value;
}

function readHeadDim({ graph, index, attentions, config }: Sources): number {
  const [{ node, packed, heads, kvHeads }] = attentions;
  const past = graph.input.find(({ name }) => name === node.input[GQA_INPUT.pastKey]);
  const fixed = (past && dimensionsOf(past))?.[3];
  if (typeof fixed === 'number' && fixed > 0) return fixed;
  const width = producedWidth(index, node.input[GQA_INPUT.query]);
  const output = consumedWidth(index, node.output[0]);
  const found = [
    width && width / (packed ? heads + 2 * kvHeads : heads),
    output && output / heads,
    config.headDim,
  ].find((value) => value !== undefined && Number.isInteger(value));
  return known('head dimension', found || undefined);
}

/** Every layer has heads of the same size, as far as the graph tells. */
function checkWidths({ graph, index, attentions }: Sources, headDim: number): void {
  const inputs = new Map(graph.input.map((input) => [input.name, input]));
  for (const { node, packed, heads, kvHeads } of attentions) {
    const expected = (packed ? heads + 2 * kvHeads : heads) * headDim;
    const width = producedWidth(index, node.input[GQA_INPUT.query]) ?? expected;
    const sizes = [GQA_INPUT.pastKey, GQA_INPUT.pastValue].map(
      (at) => dimensionsOf(inputs.get(node.input[at])!)?.[3],
    );
    const wrong = sizes.find((size) => typeof size === 'number' && size !== headDim);
    if (width !== expected || wrong !== undefined)
      throw new UnsupportedModelError(
        `Attention operator '${node.name}' has heads of another size than ${headDim}: the engine needs layers of equal heads.`,
      );
  }
}

function readHidden({ index, boundaries }: Sources): number | undefined {
  const final = boundaries.at(-1);
  if (!final) return undefined;
  const node = index.nodes[final.norm];
  const scale = index.initializers.get(node.input[final.state.length]);
  const size = scale?.dims.length === 1 ? Number(scale.dims[0]) : 0;
  return size > 0 ? size : undefined;
}

function readVocabulary(sources: Sources): number | undefined {
  const { graph, index, logits, config, wayOut } = sources;
  const output = graph.output.find(({ name }) => name === logits);
  const dimensions = (output && dimensionsOf(output)) ?? [];
  if (dimensions.length > 0 && dimensions.length !== 3)
    throw new UnsupportedModelError(
      `The model returns logits of ${dimensions.length} dimensions, not [batch, sequence, vocabulary].`,
    );
  if (typeof dimensions[1] === 'number')
    throw new UnsupportedModelError(
      `The model returns logits of ${dimensions[1]} row${dimensions[1] === 1 ? '' : 's'}, whatever it reads (the builder's prune_lm_head). ${wayOut.asIs} To have all of it, export it with logits of every row.`,
    );
  const fixed = dimensions[2];
  const width = typeof fixed === 'number' && fixed > 0 ? fixed : producedWidth(index, logits);
  const hidden = readHidden(sources) ?? config.hidden;
  if (width !== undefined && isHeadless(logits, width, hidden, config.vocabulary))
    throw new UnsupportedModelError(
      `The model has no LM head: its output '${logits}' is ${width} wide${width === hidden ? ', as the hidden states are' : ''}${config.vocabulary ? `, and the vocabulary of config.json has ${config.vocabulary} tokens` : ''}. Export it with its head (without exclude_lm_head).`,
    );
  return width;
}

/**
 * An output whose name is not `logits` must be as wide as the vocabulary. One of that name must not
 * be as wide as the hidden states alone.
 */
function isHeadless(
  output: string,
  width: number,
  hidden: number | undefined,
  vocabulary: number | undefined,
): boolean {
  if (vocabulary === undefined) return output !== 'logits' && width === hidden;
  return width !== vocabulary && (output !== 'logits' || width === hidden);
}

/** Rotation tables bound the positions, whatever the config says. */
function readMaxPositions({ attentions, config }: Sources): number | undefined {
  const tables = attentions.map(({ rotary }) =>
    typeof rotary === 'object' ? rotary.positions : Number.POSITIVE_INFINITY,
  );
  const least = Math.min(config.maxPositions ?? Number.POSITIVE_INFINITY, ...tables);
  return Number.isFinite(least) ? least : undefined;
}
