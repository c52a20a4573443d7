import { create } from '@bufbuild/protobuf';
import type { LayerOutput } from '../evidence/evidence-port.js';
import { copyNode, makeNode, makeValue } from '../onnx/node-builder.js';
import { GraphProtoSchema, type NodeProto } from '../onnx/onnx_pb.js';

export interface Branches {
  readonly name: string;
  /** bool [1]: runs `nodes`, else what stands in for each output. */
  readonly gate: string;
  readonly nodes: readonly NodeProto[];
  /** Tensors that `nodes` make and the rest of the graph reads. */
  readonly outputs: readonly LayerOutput[];
}

/**
 * Makes an `If` around the nodes of a layer. Inside the branches outputs have other names, since
 * each name is made once.
 */
export function gateLayer(branches: Branches): NodeProto {
  const names = branches.outputs.map(({ name }) => name);
  const renamed = new Map(names.map((name) => [name, `${name}/run`]));
  const rename = (name: string) => renamed.get(name) ?? name;
  const run = branches.nodes.map((node) =>
    copyNode(node, { input: node.input.map(rename), output: node.output.map(rename) }),
  );
  const skippedNames = names.map((name) => `${name}/skipped`);
  const skipped = branches.outputs.map((output, at) => output.skipped(skippedNames[at]));
  const graph = (name: string, node: readonly NodeProto[], outputs: readonly string[]) =>
    create(GraphProtoSchema, {
      name: `${branches.name}/${name}`,
      node: [...node],
      output: outputs.map((output, at) => makeValue(output, branches.outputs[at].type)),
    });
  return makeNode('If', [branches.gate], names, {
    then_branch: graph('run', run, names.map(rename)),
    else_branch: graph('skip', skipped, skippedNames),
  });
}
