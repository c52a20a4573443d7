import { int64Tensor, makeNode } from './node-builder.js';
import type { NodeProto, TensorProto } from './onnx_pb.js';

/** Collects the nodes and constants that an edit adds, under names of their own. */
export class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  readonly constants = new Map<string, TensorProto>();

  constructor(private readonly prefix: string) {}

  name(name: string): string {
    return `${this.prefix}/${name}`;
  }

  /** Adds a node with one output. @returns that output */
  add(
    name: string,
    operator: string,
    input: readonly string[],
    attributes?: Parameters<typeof makeNode>[3],
  ): string {
    const output = this.name(name);
    this.nodes.push(makeNode(operator, input, [output], attributes));
    return output;
  }

  /** An int64 constant: [n] from a list, a scalar from a number. Equal ones are shared. */
  int64(values: readonly number[] | number): string {
    const name = this.name(`int64/${JSON.stringify(values)}`);
    if (!this.constants.has(name)) this.constants.set(name, int64Tensor(name, values));
    return name;
  }

  /** Equal parts along the first axis. @returns their names */
  split(name: string, tensor: string, parts: number, opset: number): string[] {
    const outputs = Array.from({ length: parts }, (_, at) => this.name(`${name}.${at}`));
    this.nodes.push(
      makeNode('Split', [tensor], outputs, {
        axis: 0,
        ...(opset >= 18 && { num_outputs: parts }),
      }),
    );
    return outputs;
  }
}
