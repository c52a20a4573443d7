import type { EvidenceNodes } from '../evidence/evidence-port.js';
import { evidenceInputs } from '../evidence/index.js';
import { makeValue } from '../onnx/node-builder.js';
import { TensorProto_DataType, type ValueInfoProto } from '../onnx/onnx_pb.js';
import * as port from '../ports/port-names.js';
import { layersThatRun } from '../ports/port-options.js';
import type { PortedGraph } from '../ports/ported-graph.js';
import type { ModelGraph } from '../read/model-graph.js';

const { BOOL, FLOAT, FLOAT16, INT32, INT64 } = TensorProto_DataType;

/** Element type of the KV cache, and of what the layers compute in. */
export function kvType({ kvElementType }: ModelGraph): TensorProto_DataType {
  return kvElementType === 'float' ? FLOAT : FLOAT16;
}

/** Inputs of the graph with ports. */
export function portInputs(graph: PortedGraph): ValueInfoProto[] {
  const { model, ports, layers } = graph;
  const { kvHeads, headDim } = model.shape;
  const past = ['batch', kvHeads, 'capacity', headDim];
  const evidence = Object.entries(evidenceInputs(ports.evidence ?? [], layers));
  return [
    makeValue(port.INPUT_IDS, INT64, ['batch', 'new_rows']),
    makeValue(port.POSITION_IDS, INT64, ['batch', 'new_rows']),
    makeValue(port.SEQLENS_K, INT32, [layers, 'batch']),
    makeValue(port.TOTAL_SEQUENCE_LENGTH, INT32, [layers]),
    makeValue(port.LOGIT_ROWS, INT64, [1]),
    ...(ports.gates ? [makeValue(port.LAYER_GATES, BOOL, [layers])] : []),
    ...(ports.gates || ports.scales ? [makeValue(port.LAYER_SCALES, FLOAT, [layers])] : []),
    ...evidence.map(([name, size]) => makeValue(name, INT64, [size])),
    ...layersThatRun(graph).flatMap((layer) => [
      makeValue(port.pastKey(layer), kvType(model), past),
      makeValue(port.pastValue(layer), kvType(model), past),
    ]),
  ];
}

/** Outputs of the graph with ports. */
export function portOutputs(
  graph: PortedGraph,
  evidence: readonly EvidenceNodes[],
): ValueInfoProto[] {
  const { model, ports } = graph;
  const { kvHeads, headDim, vocabulary } = model.shape;
  // The two caches differ in what `present` holds, and a skipped layer returns no new rows.
  const rows = ports.cache === 'in-place' ? 'capacity' : '';
  const stepwise = Array.from({ length: Math.max(0, (ports.stepwise ?? 0) - 1) }, (_, row) => row);
  return [
    makeValue(port.LOGITS, FLOAT, ['batch', 'logit_rows', vocabulary]),
    ...layersThatRun(graph).flatMap((layer) =>
      [
        port.presentKey(layer),
        port.presentValue(layer),
        ...stepwise.flatMap((row) => [
          port.presentKeyRow(layer, row),
          port.presentValueRow(layer, row),
        ]),
      ].map((name) =>
        makeValue(name, kvType(model), [
          'batch',
          kvHeads,
          rows || `written_rows.${layer}`,
          headDim,
        ]),
      ),
    ),
    ...evidence.flatMap(({ outputs }) => outputs),
  ];
}
