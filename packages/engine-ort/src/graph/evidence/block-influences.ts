import { makeNode, makeValue } from '../onnx/node-builder.js';
import { type NodeProto, TensorProto_DataType } from '../onnx/onnx_pb.js';
import type { PortedGraph } from '../ports/ported-graph.js';
import type { Boundary } from '../read/layer-structure.js';
import { copySlot, type EvidencePort } from './evidence-port.js';

const { FLOAT } = TensorProto_DataType;

/**
 * Output, float [layers, B]: mean cosine of the hidden state before and after the layer; 1 for a
 * skipped layer.
 */
export const MEAN_COSINES = 'mean_cosines';
/**
 * Output, float [layers, B]: mean logarithm of the hidden state's length after / before the layer.
 */
export const LOG_NORM_RATIOS = 'log_norm_ratios';

/**
 * Largest number of new tokens that the influences are taken over. All of them would cost some
 * percent of a prefill.
 */
export const SAMPLED_TOKENS = 64;

/** Measures how each layer turns and stretches the hidden state of sampled tokens. */
export const blockInfluences: EvidencePort<'blockInfluences'> = {
  addTo: (graph) => ({
    outputs: [MEAN_COSINES, LOG_NORM_RATIOS].map((name) =>
      makeValue(name, FLOAT, [graph.layers, 'batch']),
    ),
    afterLayers: () => influenceNodes(graph),
  }),
  buffers: ({ shape, batch }) => ({
    [MEAN_COSINES]: [shape.layers, batch],
    [LOG_NORM_RATIOS]: [shape.layers, batch],
  }),
  take: (buffers, member) => ({
    influences: copySlot(buffers[MEAN_COSINES], 1, member).map((cosine) => 1 - cosine),
    normRatios: copySlot(buffers[LOG_NORM_RATIOS], 1, member).map(Math.exp),
  }),
};

/**
 * Compares the states of all layers [layers + 1, B, W, hidden] at once. The few nodes hardly cost a
 * decode step that does not ask for them.
 */
function influenceNodes({ builder, model, shared, layers }: PortedGraph): NodeProto[] {
  const { boundaries, kvElementType, opset } = model;
  const { newRows } = shared;
  const nodes: NodeProto[] = [];
  const add = (
    name: string,
    operator: string,
    input: readonly string[],
    attributes?: Parameters<typeof makeNode>[3],
  ) => {
    const output = builder.name(`influences/${name}`);
    nodes.push(makeNode(operator, input, [output], attributes));
    return output;
  };
  const zero = builder.int64([0]);
  const one = builder.int64([1]);
  const reduce = (name: string, operator: 'ReduceL2' | 'ReduceSum', tensor: string) =>
    operator === 'ReduceSum' || opset >= 18
      ? add(name, operator, [tensor, builder.int64([-1])], { keepdims: 0 })
      : add(name, operator, [tensor], { keepdims: 0, axes: [-1] });
  const mean = (tensor: string, output: string) =>
    nodes.push(
      opset >= 18
        ? makeNode('ReduceMean', [tensor, builder.int64([-1])], [output], { keepdims: 0 })
        : makeNode('ReduceMean', [tensor], [output], { keepdims: 0, axes: [-1] }),
    );

  const width = builder.int64([SAMPLED_TOKENS]);
  const rounded = add('rounded', 'Add', [newRows, builder.int64([SAMPLED_TOKENS - 1])]);
  const stride = add('stride', 'Div', [rounded, width]);
  const states = (boundaries.slice(0, layers + 1) as readonly Boundary[]).map(
    ({ state }, layer) => {
      const sampled = state.map((tensor, part) =>
        add(`sampled.${layer}.${part}`, 'Slice', [tensor, zero, newRows, one, stride]),
      );
      const floats =
        kvElementType === 'float'
          ? sampled
          : sampled.map((tensor, part) =>
              add(`float.${layer}.${part}`, 'Cast', [tensor], { to: FLOAT }),
            );
      const whole = floats.length > 1 ? add(`state.${layer}`, 'Add', floats) : floats[0];
      return add(`stacked.${layer}`, 'Unsqueeze', [whole, zero]);
    },
  );
  const all = add('states', 'Concat', states, { axis: 0 });
  const before = add('before', 'Slice', [all, zero, builder.int64([layers]), zero]);
  const after = add('after', 'Slice', [all, one, builder.int64([layers + 1]), zero]);
  const dots = reduce('dots', 'ReduceSum', add('products', 'Mul', [before, after]));
  const normsBefore = reduce('norms_before', 'ReduceL2', before);
  const normsAfter = reduce('norms_after', 'ReduceL2', after);
  const norms = add('norms', 'Mul', [normsBefore, normsAfter]);
  mean(add('cosines', 'Div', [dots, norms]), MEAN_COSINES);
  const ratios = add('ratios', 'Div', [normsAfter, normsBefore]);
  mean(add('log_ratios', 'Log', [ratios]), LOG_NORM_RATIOS);
  return nodes;
}
