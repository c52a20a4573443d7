import type { OrtDecoder } from '@pliant/engine-ort';
import { print } from './output.js';

/** Prints what the model can do, and the reason and the way out for what it cannot. */
export function printInspection(decoder: OrtDecoder): void {
  const { id, file, runtime, threads, telemetry, shape, capabilities } = decoder.inspect();
  print(`${id}\n${file}\n`);
  const facts = {
    runtime: `${runtime.kind} (${runtime.reason}), onnxruntime ${runtime.version}`,
    threads,
    telemetry,
    layers: shape.layers,
    'query / KV heads': `${shape.heads} / ${shape.kvHeads} of ${shape.headDim}`,
    vocabulary: shape.vocabulary,
    context: shape.maxPositions,
  };
  for (const [name, value] of Object.entries(facts)) print(`${name.padEnd(20)}${value}`);
  print();
  for (const { capability, available, reason } of capabilities)
    print(`${capability.padEnd(20)}${available ? 'yes' : `no: ${reason}`}`);
}
