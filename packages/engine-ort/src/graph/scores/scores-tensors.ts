import type { GraphBuilder } from '../onnx/graph-builder.js';
import { floatTensor, makeNode, renameTensor } from '../onnx/node-builder.js';
import { TensorProto_DataType } from '../onnx/onnx_pb.js';
import type { ModelGraph } from '../read/model-graph.js';

const { FLOAT } = TensorProto_DataType;

/** A tensor of the model as a constant of the scores graph. @returns its name there */
export function addInitializer(
  builder: GraphBuilder,
  model: ModelGraph,
  name: string,
  own: string,
): string {
  const tensor = renameTensor(model.index.initializers.get(name)!, builder.name(own));
  builder.constants.set(tensor.name, tensor);
  return tensor.name;
}

/** A tensor of the KV cache's element type in fp32. */
export function toFloat(builder: GraphBuilder, model: ModelGraph, tensor: string): string {
  if (model.kvElementType === 'float') return tensor;
  const output = `${tensor}/float`;
  builder.nodes.push(makeNode('Cast', [tensor], [output], { to: FLOAT }));
  return output;
}

/** A scalar constant. */
export function addFloat(builder: GraphBuilder, name: string, value: number): string {
  const own = builder.name(name);
  builder.constants.set(own, floatTensor(own, value));
  return own;
}
