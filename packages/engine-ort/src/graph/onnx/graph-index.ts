import { InvalidModelError } from '../errors.js';
import type { GraphProto, NodeProto, TensorProto } from './onnx_pb.js';

/** Who makes and who reads each tensor of a graph, its nodes in topological order. */
export interface GraphIndex {
  readonly nodes: readonly NodeProto[];
  /** [nodes], what a node reads, subgraphs included. */
  readonly reads: readonly (readonly string[])[];
  /** Tensor -> index of its node. */
  readonly producer: ReadonlyMap<string, number>;
  /** Tensor -> indices of the nodes that read it. */
  readonly consumers: ReadonlyMap<string, readonly number[]>;
  readonly initializers: ReadonlyMap<string, TensorProto>;
}

/** @throws InvalidModelError for a tensor made twice or read and never made, or a cycle */
export function indexGraph(graph: GraphProto): GraphIndex {
  const nodes = inTopologicalOrder(graph.node);
  const reads = nodes.map(nodeReads);
  const producer = producersOf(nodes);
  const consumers = new Map<string, number[]>();
  reads.forEach((names, at) => {
    for (const name of names) {
      const list = consumers.get(name);
      if (list) list.push(at);
      else consumers.set(name, [at]);
    }
  });
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const given = new Set(graph.input.map(({ name }) => name));
  for (const { values } of graph.sparseInitializer) given.add(values?.name ?? '');
  for (const name of consumers.keys())
    if (!producer.has(name) && !initializers.has(name) && !given.has(name))
      throw new InvalidModelError(`A node of the graph reads '${name}', which nothing makes.`);
  return { nodes, reads, producer, consumers, initializers };
}

/** Names that a node reads, each once, including those that its subgraphs take from outside. */
export function nodeReads(node: NodeProto): string[] {
  const names = new Set(node.input);
  for (const attribute of node.attribute) {
    if (attribute.g) addOuterReads(attribute.g, names);
    for (const graph of attribute.graphs) addOuterReads(graph, names);
  }
  names.delete('');
  return [...names];
}

function addOuterReads(graph: GraphProto, into: Set<string>): void {
  const own = new Set<string>();
  for (const tensor of graph.initializer) own.add(tensor.name);
  for (const input of graph.input) own.add(input.name);
  for (const node of graph.node) for (const output of node.output) own.add(output);
  for (const node of graph.node)
    for (const name of nodeReads(node)) if (!own.has(name)) into.add(name);
  for (const output of graph.output) if (!own.has(output.name)) into.add(output.name);
}

/** Indices of the nodes that depend on any of `sources`. */
export function dependents(index: GraphIndex, sources: Iterable<string>): Set<number> {
  const tensors = new Set(sources);
  const found = new Set<number>();
  index.nodes.forEach((node, at) => {
    if (!index.reads[at].some((name) => tensors.has(name))) return;
    found.add(at);
    for (const output of node.output) if (output) tensors.add(output);
  });
  return found;
}

/** Indices of the nodes that any of `targets` needs. */
export function ancestors(index: GraphIndex, targets: Iterable<string>): Set<number> {
  const found = new Set<number>();
  const open: number[] = [];
  const add = (name: string) => {
    const at = index.producer.get(name);
    if (at === undefined || found.has(at)) return;
    found.add(at);
    open.push(at);
  };
  for (const name of targets) add(name);
  for (let at = open.pop(); at !== undefined; at = open.pop()) index.reads[at].forEach(add);
  return found;
}

function producersOf(nodes: readonly NodeProto[]): Map<string, number> {
  const producer = new Map<string, number>();
  nodes.forEach((node, at) => {
    for (const output of node.output) {
      if (!output) continue;
      if (producer.has(output))
        throw new InvalidModelError(`Two nodes of the graph make the tensor '${output}'.`);
      producer.set(output, at);
    }
  });
  return producer;
}

/** The standard requires this order. Files that break it exist, and the runtime reads them. */
function inTopologicalOrder(nodes: readonly NodeProto[]): readonly NodeProto[] {
  const producer = producersOf(nodes);
  const readers: number[][] = nodes.map(() => []);
  let sorted = true;
  const waiting = nodes.map((node, at) => {
    let count = 0;
    for (const name of nodeReads(node)) {
      const from = producer.get(name);
      if (from === undefined) continue;
      readers[from].push(at);
      count++;
      if (from >= at) sorted = false;
    }
    return count;
  });
  if (sorted) return nodes;
  const ready = nodes.map((_, at) => at).filter((at) => waiting[at] === 0);
  for (let next = 0; next < ready.length; next++)
    for (const reader of readers[ready[next]]) if (--waiting[reader] === 0) ready.push(reader);
  if (ready.length < nodes.length) throw new InvalidModelError('The graph has a cycle.');
  return ready.map((at) => nodes[at]);
}
