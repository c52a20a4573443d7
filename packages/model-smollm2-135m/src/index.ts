import { fileURLToPath } from 'node:url';

/**
 * SmolLM2-135M-Instruct, 8-bit ONNX (145 MB, in this package): 30 layers, 9 query and 3 KV heads of 64, vocabulary 49,152,
 * context 8,192. Satisfies `ModelDescriptor` of `@pliant/core`; the capabilities are literal types, so a middleware that the
 * model cannot serve is a compile error.
 */
export const smollm2 = {
  id: 'smollm2-135m-instruct',
  folder: fileURLToPath(new URL('../files', import.meta.url)),
  file: 'onnx/model_quantized.onnx',
  capabilities: [
    'logits.all',
    'logits.stepwise',
    'positions.explicit',
    'kv.edit',
    'kv.read',
    'kv.write',
    'positions.renumber',
    'scores',
    'hidden.means',
    'block.influences',
    'layers.skip',
    'batch',
    'fork',
  ],
  defaults: {
    // Of the first 8 layers the last finds what the end of a prompt asks for, earlier ones do not (tools/eval compress). Below 128 tokens
    // hardly any draft pays off, however few are kept (tools/bench prompt-compress-break-even).
    'prompt-compress': { draft: 8, startLayer: 4, minTokens: 128 },
    // The first k are the static set of k layers that costs least, measured by tools/calibrate.
    'layer-skip': { order: [4, 5, 3, 7, 6, 25, 13, 14, 26, 17] },
  },
} as const;
