import type { Evidences } from '@pliant/core/engine';
import { makeNode, makeValue } from '../onnx/node-builder.js';
import { TensorProto_DataType } from '../onnx/onnx_pb.js';
import { layersThatRun } from '../ports/port-options.js';
import type { PortedGraph } from '../ports/ported-graph.js';
import { GQA_INPUT } from '../read/attention.js';
import type { EvidencePort } from './evidence-port.js';

const { FLOAT } = TensorProto_DataType;

/** Input, int64 [1]: number of last query rows to return, 0 to S. */
export const QUERY_ROWS = 'query_rows';

/**
 * Output, float [B, query_rows, heads x D]: the attention operator's query input. It has no rows if
 * the layer is skipped.
 */
export function queryRows(layer: number): string {
  return `queries.${layer}`;
}

/**
 * Captures the last queries of each layer. After the forward, another graph computes scores from
 * them and the cached keys.
 */
export const scores: EvidencePort<'scores'> = {
  inputs: () => ({ [QUERY_ROWS]: 1 }),
  addTo(graph) {
    const { heads, headDim } = graph.model.shape;
    const slice = querySlice(graph);
    const none = noQueries(graph);
    return {
      outputs: layersThatRun(graph).map((layer) =>
        makeValue(queryRows(layer), FLOAT, ['batch', `query_rows.${layer}`, heads * headDim]),
      ),
      inLayer: (layer) => ({
        nodes: queryNodes(graph, layer, slice),
        outputs: [
          {
            name: queryRows(layer),
            type: FLOAT,
            skipped: (output) => makeNode('Identity', [none], [output]),
          },
        ],
      }),
    };
  },
  inputValues: ({ wants }) => ({ [QUERY_ROWS]: [rowsOf(wants)] }),
  buffers: ({ shape, batch, wants, runs }) => {
    const size = [batch, rowsOf(wants), shape.heads * shape.headDim];
    const layers = Array.from({ length: shape.layers }, (_, layer) => layer).filter(runs);
    return Object.fromEntries(layers.map((layer) => [queryRows(layer), size]));
  },
  async take(buffers, { run, want, slot, positions, score }) {
    const { shape, wants } = run;
    const rows = rowsOf(wants);
    const size = rows * shape.heads * shape.headDim;
    const layers = new Map<number, Float32Array>();
    for (let layer = 0; layer < shape.layers; layer++)
      if (run.runs(layer))
        layers.set(layer, buffers[queryRows(layer)].subarray(slot * size, (slot + 1) * size));
    const captured = { rows, positions: positions.subarray(positions.length - rows), layers };
    const given: { [name: string]: ReadonlyMap<number, Float32Array> } = {};
    for (const [name, request] of Object.entries(want))
      given[name] = await score(request, captured);
    return given;
  },
};

/** Rows that suffice for all requests. */
function rowsOf(wants: readonly Evidences['scores']['want'][]): number {
  return Math.max(...wants.flatMap((want) => Object.values(want).map(({ rows }) => rows)));
}

interface Slice {
  /** int64 [2] each, over the axes (row, column). */
  readonly starts: string;
  readonly ends: string;
}

function querySlice({ builder, model, shared }: PortedGraph): Slice {
  const width = model.shape.heads * model.shape.headDim;
  const start = builder.add('query_start', 'Sub', [shared.newRows, QUERY_ROWS]);
  const join = (name: string, parts: readonly string[]) =>
    builder.add(name, 'Concat', parts, { axis: 0 });
  return {
    starts: join('query_starts', [start, builder.int64([0])]),
    ends: join('query_ends', [shared.newRows, builder.int64([width])]),
  };
}

function queryNodes({ builder, model }: PortedGraph, layer: number, { starts, ends }: Slice) {
  const name = queryRows(layer);
  const isFloat = model.kvElementType === 'float';
  const rows = isFloat ? name : builder.name(`${name}/rows`);
  const query = model.attentions[layer].node.input[GQA_INPUT.query];
  return [
    makeNode('Slice', [query, starts, ends, builder.int64([1, 2])], [rows]),
    ...(isFloat ? [] : [makeNode('Cast', [rows], [name], { to: FLOAT })]),
  ];
}

/** float [B, 0, heads x D] */
function noQueries({ builder, model, shared }: PortedGraph): string {
  const width = model.shape.heads * model.shape.headDim;
  const shape = builder.add(
    'no_queries_shape',
    'Concat',
    [shared.batch, builder.int64([0, width])],
    { axis: 0 },
  );
  return builder.add('no_queries', 'ConstantOfShape', [shape]);
}
