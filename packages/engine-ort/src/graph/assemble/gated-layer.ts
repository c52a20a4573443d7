import { create } from '@bufbuild/protobuf';
import { copyNode, makeNode, makeValue } from '../onnx/node-builder.js';
import { GraphProtoSchema, type NodeProto, type TensorProto_DataType } from '../onnx/onnx_pb.js';

export interface Branches {
  readonly name: string;
  /** bool [1]: runs `nodes`, else `skipped`. */
  readonly gate: string;
  readonly nodes: readonly NodeProto[];
  /** Names that the branches make and the rest of the graph reads, with their element types. */
  readonly outputs: readonly { readonly name: string; readonly type: TensorProto_DataType }[];
  /** Makes `outputs`, given the names that they have inside the branch. */
  readonly skipped: (names: readonly string[]) => NodeProto[];
}

/** An `If` around the nodes of a layer. Inside the branches outputs have names of their own, since each name is made once. */
export function gateLayer(branches: Branches): NodeProto {
  const names = branches.outputs.map(({ name }) => name);
  const renamed = new Map(names.map((name) => [name, `${name}/run`]));
  const rename = (name: string) => renamed.get(name) ?? name;
  const run = branches.nodes.map((node) =>
    copyNode(node, { input: node.input.map(rename), output: node.output.map(rename) }),
  );
  const skippedNames = names.map((name) => `${name}/skipped`);
  const graph = (name: string, node: readonly NodeProto[], outputs: readonly string[]) =>
    create(GraphProtoSchema, {
      name: `${branches.name}/${name}`,
      node: [...node],
      output: outputs.map((output, at) => makeValue(output, branches.outputs[at].type)),
    });
  return makeNode('If', [branches.gate], names, {
    then_branch: graph('run', run, names.map(rename)),
    else_branch: graph('skip', branches.skipped(skippedNames), skippedNames),
  });
}
