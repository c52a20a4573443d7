import { makeNode, makeValue } from '../onnx/node-builder.js';
import { type NodeProto, TensorProto_DataType } from '../onnx/onnx_pb.js';
import type { PortedGraph } from '../ports/ported-graph.js';
import type { EvidencePort, EvidenceRun } from './evidence-port.js';

const { FLOAT } = TensorProto_DataType;

/** Input, int64 [layers + 1]: number of last rows of the state after n layers to return, 0 to S. */
export const HIDDEN_ROWS = 'hidden_rows';

/** Output, float [B, rows, hidden]: the hidden state after `count` layers, of its last rows. */
export function hiddenRowsAfter(count: number): string {
  return `${HIDDEN_ROWS}.${count}`;
}

/**
 * Returns hidden states of the last new tokens. A state that nobody asks for has no rows, and costs
 * nothing.
 */
export const hiddenRows: EvidencePort<'hiddenRows'> = {
  inputs: (layers) => ({ [HIDDEN_ROWS]: layers + 1 }),
  addTo(graph) {
    const { builder, model, layers } = graph;
    const counts = Array.from({ length: layers + 1 }, (_, count) => count);
    const rows = builder.split('hidden_rows', HIDDEN_ROWS, layers + 1, model.opset);
    return {
      outputs: counts.map((count) =>
        makeValue(hiddenRowsAfter(count), FLOAT, [
          'batch',
          `hidden_rows.${count}`,
          model.shape.hidden,
        ]),
      ),
      afterLayers: () => counts.flatMap((count) => stateNodes(graph, count, rows[count])),
    };
  },
  inputValues: (run) => ({ [HIDDEN_ROWS]: rowsOfStates(run) }),
  buffers: (run) => {
    const { shape, batch } = run;
    const buffers: { [output: string]: readonly number[] } = {};
    rowsOfStates(run).forEach((rows, count) => {
      if (rows > 0) buffers[hiddenRowsAfter(count)] = [batch, rows, shape.hidden];
    });
    return buffers;
  },
  take(buffers, { run, want, slot }) {
    const rowsHeld = rowsOfStates(run);
    const given = Object.entries(want).map(([name, { rows, layers }]) => {
      const states = layers.map((count) => {
        const end = (slot + 1) * rowsHeld[count] * run.shape.hidden;
        const state = buffers[hiddenRowsAfter(count)].slice(end - rows * run.shape.hidden, end);
        return [count, state] as const;
      });
      return [name, new Map(states)] as const;
    });
    return Object.fromEntries(given);
  },
};

/** [layers + 1], rows that suffice for all requests of each state. */
function rowsOfStates({ shape, wants }: EvidenceRun<'hiddenRows'>): number[] {
  const most = new Array<number>(shape.layers + 1).fill(0);
  for (const want of wants)
    for (const { rows, layers } of Object.values(want))
      for (const count of layers) most[count] = Math.max(most[count], rows);
  return most;
}

/** @param rows int64 [1] */
function stateNodes(
  { builder, model, shared }: PortedGraph,
  count: number,
  rows: string,
): NodeProto[] {
  const nodes: NodeProto[] = [];
  const output = hiddenRowsAfter(count);
  const add = (name: string, operator: string, input: readonly string[], attributes = {}) => {
    const tensor = builder.name(`${output}/${name}`);
    nodes.push(makeNode(operator, input, [tensor], attributes));
    return tensor;
  };
  const start = add('start', 'Sub', [shared.newRows, rows]);
  const axis = builder.int64([1]);
  const parts = model.boundaries[count]!.state.map((tensor, part) => {
    const sliced = add(`part.${part}`, 'Slice', [tensor, start, shared.newRows, axis]);
    if (model.kvElementType === 'float') return sliced;
    return add(`float.${part}`, 'Cast', [sliced], { to: FLOAT });
  });
  nodes.push(makeNode(parts.length > 1 ? 'Add' : 'Identity', parts, [output]));
  return nodes;
}
