import { ancestors, dependents, type GraphIndex } from '../onnx/graph-index.js';
import { type Attention, GQA_INPUT } from './attention.js';

const NORMS: ReadonlySet<string> = new Set([
  'SimplifiedLayerNormalization',
  'SkipSimplifiedLayerNormalization',
  'LayerNormalization',
  'SkipLayerNormalization',
  'RMSNormalization',
]);

/** Boundary where a layer (or the LM head) begins. */
export interface Boundary {
  /** Index of the norm that reads the state. */
  readonly norm: number;
  /** Output of that norm, which attention and mean-pooled routers read. */
  readonly normalised: string;
  /**
   * Tensors that carry everything the rest of the model reads: the pair (residual, last MLP output)
   * that a skip-norm adds, or one tensor.
   */
  readonly state: readonly string[];
}

/**
 * Layers as found by data flow: the boundary before each layer and before the LM head, and the
 * nodes between them.
 */
export interface LayerStructure {
  /** [layers + 1] */
  readonly boundaries: readonly Boundary[];
  /** [layers], indices of the nodes that run only for a layer, in topological order. */
  readonly bodies: readonly (readonly number[])[];
}

/** The reason why a structure was not found. */
export interface NoStructure {
  readonly reason: string;
}

/** Boundaries before each layer and before the LM head; undefined if none is recognised. */
export function findBoundaries(
  index: GraphIndex,
  attentions: readonly Attention[],
  embedding: readonly string[],
  logits: string,
): (Boundary | undefined)[] {
  const fromEmbedding = tensorsOf(index, dependents(index, embedding), embedding);
  const targets = attentions.map(({ node }) =>
    [GQA_INPUT.query, GQA_INPUT.key, GQA_INPUT.value].map((at) => node.input[at]).filter(Boolean),
  );
  targets.push([logits]);
  return targets.map((names, layer) => {
    const before = attentions[layer - 1]?.node.output[0];
    const within = before ? tensorsOf(index, dependents(index, [before]), []) : fromEmbedding;
    const norm = dominatingNorm(index, names, within);
    if (norm === undefined) return undefined;
    const node = index.nodes[norm];
    const state = node.input.slice(0, isSkipNorm(node.opType) ? 2 : 1);
    if (!state.every((name) => fromEmbedding.has(name))) return undefined;
    return { norm, normalised: node.output[0], state };
  });
}

/** Whole layers that can be left out, or why they cannot. */
export function findLayers(
  index: GraphIndex,
  attentions: readonly Attention[],
  boundaries: readonly (Boundary | undefined)[],
  embedding: readonly string[],
): LayerStructure | NoStructure {
  const missing = boundaries.findIndex((boundary) => !boundary);
  if (missing >= 0)
    return {
      reason:
        missing === attentions.length
          ? 'no norm before the LM head was recognised'
          : `no norm before the attention of layer ${missing} was recognised`,
    };
  const found = boundaries as readonly Boundary[];
  for (const [layer, { norm }] of found.entries()) {
    const node = index.nodes[norm];
    const bias = node.opType === 'SkipLayerNormalization' ? node.input[4] : node.input[3];
    if (isSkipNorm(node.opType) && bias)
      return { reason: `the norm of layer ${layer} adds a bias of the layer before it` };
    if (layer > 0 && found[layer].state.length !== found[1].state.length)
      return { reason: `layer ${layer} passes on its state in another form than layer 1` };
  }
  const data = tensorsOf(index, dependents(index, embedding), embedding);
  const bodies: number[][] = [];
  for (const [layer, { node }] of attentions.entries()) {
    const { state } = found[layer];
    const next = found[layer + 1].state;
    const needed = ancestors(index, [...next, ...node.output.filter(Boolean)]);
    const body = [...dependents(index, state)].filter((at) => needed.has(at));
    const own = tensorsOf(index, body, []);
    const leaves = new Set([...next, ...node.output.slice(1)]);
    const inside = new Set(body);
    for (const at of body) {
      const foreign = index.reads[at].find(
        (name) => data.has(name) && !own.has(name) && !state.includes(name),
      );
      if (foreign)
        return { reason: `layer ${layer} reads '${foreign}' of an earlier part of the model` };
      for (const output of index.nodes[at].output)
        if (!leaves.has(output) && index.consumers.get(output)?.some((to) => !inside.has(to)))
          return { reason: `'${output}' of layer ${layer} is read outside the layer` };
    }
    if (!next.every((name) => own.has(name)))
      return { reason: `layer ${layer} does not make what the next layer reads` };
    bodies.push(body);
  }
  return { boundaries: found, bodies };
}

/** The nearest norm that everything `targets` take from `within` passes through. */
function dominatingNorm(
  index: GraphIndex,
  targets: readonly string[],
  within: ReadonlySet<string>,
): number | undefined {
  const open = new Set<number>();
  const add = (names: readonly string[]): boolean =>
    names.every((name) => {
      if (!within.has(name)) return true;
      const at = index.producer.get(name);
      if (at !== undefined) open.add(at);
      return at !== undefined;
    });
  if (!add(targets)) return undefined;
  for (let last = index.nodes.length - 1; last >= 0; last--) {
    if (!open.has(last)) continue;
    if (open.size === 1 && NORMS.has(index.nodes[last].opType)) return last;
    open.delete(last);
    if (!add(index.reads[last])) return undefined;
  }
  return undefined;
}

function isSkipNorm(opType: string): boolean {
  return opType.startsWith('Skip');
}

function tensorsOf(
  index: GraphIndex,
  nodes: Iterable<number>,
  more: readonly string[],
): Set<string> {
  const tensors = new Set(more);
  for (const at of nodes)
    for (const output of index.nodes[at].output) if (output) tensors.add(output);
  return tensors;
}
