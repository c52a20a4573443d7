import type { GraphProto, ModelProto } from '../onnx/onnx_pb.js';

/**
 * Sentences on what can be done with a file that the engine refuses; '' if there is nothing to say.
 */
export interface WayOut {
  /** How to run it as it is. */
  readonly asIs: string;
  /** How to make one that the engine runs. */
  readonly again: string;
  /** Both. */
  readonly all: string;
}

export function findWayOut({ producerName, graph }: ModelProto): WayOut {
  const asIs =
    graph && isPlainDecoder(graph)
      ? 'To run this file as it is, load it with transformers.js and wrap it with fromTransformers of @pliant/transformers: without cache edits, attention scores and layer skipping.'
      : '';
  const again =
    producerName === 'onnxruntime-genai'
      ? 'To have all of it, build it again with the model builder for the CPU (-e cpu, -p int4 or fp32).'
      : "To have all of it, export the model with onnxruntime-genai's model builder (-e cpu, -p int4 or fp32), where it knows the architecture.";
  return { asIs, again, all: `${asIs} ${again}`.trim() };
}

const plainInputs: ReadonlySet<string> = new Set([
  'input_ids',
  'attention_mask',
  'position_ids',
  'use_cache_branch',
  'num_logits_to_keep',
]);
const cacheInput = /^past_key_values\.\d+\.(key|value)$/;

/** Whether `fromTransformers` knows all inputs and finds the outputs that it needs. */
function isPlainDecoder({ input, output, initializer }: GraphProto): boolean {
  const weights = new Set(initializer.map(({ name }) => name));
  const inputs = input.map(({ name }) => name).filter((name) => !weights.has(name));
  const outputs = new Set(output.map(({ name }) => name));
  const caches = inputs.filter((name) => cacheInput.test(name));
  return (
    inputs.includes('input_ids') &&
    inputs.includes('past_key_values.0.key') &&
    inputs.every((name) => plainInputs.has(name) || cacheInput.test(name)) &&
    caches.every((name) => outputs.has(name.replace('past_key_values', 'present'))) &&
    outputs.has('logits')
  );
}
