import { makeNode, makeValue } from '../onnx/node-builder.js';
import { type NodeProto, TensorProto_DataType } from '../onnx/onnx_pb.js';
import type { PortedGraph } from '../ports/ported-graph.js';
import { copySlot, type EvidencePort } from './evidence-port.js';

const { FLOAT } = TensorProto_DataType;

/** Output, float [layers, B, hidden]; 0 for a skipped layer. */
export const HIDDEN_MEANS = 'hidden_means';

/** Takes the mean of each layer's normalised input over the new tokens. */
export const hiddenMeans: EvidencePort<'hiddenMeans'> = {
  addTo(graph) {
    const { model, layers } = graph;
    const zeros = zeroMeans(graph);
    return {
      outputs: [makeValue(HIDDEN_MEANS, FLOAT, [layers, 'batch', model.shape.hidden])],
      inLayer: (layer) => ({
        nodes: meanNodes(graph, layer),
        outputs: [
          {
            name: meanOf(layer),
            type: FLOAT,
            skipped: (output) => makeNode('Identity', [zeros], [output]),
          },
        ],
      }),
      afterLayers: () => stackNodes(graph, zeros),
    };
  },
  buffers: ({ shape, batch }) => ({ [HIDDEN_MEANS]: [shape.layers, batch, shape.hidden] }),
  take: (buffers, member) => copySlot(buffers[HIDDEN_MEANS], member.run.shape.hidden, member),
};

/** Mean of one layer, float [B, hidden]. */
function meanOf(layer: number): string {
  return `${HIDDEN_MEANS}.${layer}`;
}

function meanNodes({ builder, model }: PortedGraph, layer: number): NodeProto[] {
  const { normalised } = model.boundaries[layer]!;
  const isFloat = model.kvElementType === 'float';
  const tensor = isFloat ? normalised : builder.name(`${normalised}/float`);
  return [
    ...(isFloat ? [] : [makeNode('Cast', [normalised], [tensor], { to: FLOAT })]),
    model.opset >= 18
      ? makeNode('ReduceMean', [tensor, builder.int64([1])], [meanOf(layer)], { keepdims: 0 })
      : makeNode('ReduceMean', [tensor], [meanOf(layer)], { keepdims: 0, axes: [1] }),
  ];
}

/** Joins the means of the layers to one output. */
function stackNodes({ builder, model, ports, layers }: PortedGraph, zeros: string): NodeProto[] {
  const means = Array.from({ length: layers }, (_, layer) =>
    ports.leftOut?.includes(layer) ? zeros : meanOf(layer),
  );
  const joined = builder.name('hidden_means/joined');
  const sizes = builder.int64([layers, -1, model.shape.hidden]);
  return [
    makeNode('Concat', means, [joined], { axis: 0 }),
    makeNode('Reshape', [joined, sizes], [HIDDEN_MEANS]),
  ];
}

/** float [B, hidden] */
function zeroMeans({ builder, model, shared }: PortedGraph): string {
  const sizes = [shared.batch, builder.int64([model.shape.hidden])];
  const shape = builder.add('zero_means_shape', 'Concat', sizes, { axis: 0 });
  return builder.add('zero_means', 'ConstantOfShape', [shape]);
}
