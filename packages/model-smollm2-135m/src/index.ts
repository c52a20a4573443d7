import { findFiles } from './find-files.js';

/**
 * Layers in the order in which skipping them costs least: the first k are the static set of k
 * layers. As in files/layer-skip.calibration.json, which tools/calibrate measured; so are the
 * influences below.
 */
const order = [4, 5, 3, 14, 13, 25, 17, 7, 6, 26, 12, 11] as const;

/**
 * SmolLM2-135M-Instruct, 8-bit ONNX (145 MB, in this package): 30 layers, 9 query and 3 KV heads of
 * 64, vocabulary 49,152, context 8,192. Satisfies `ModelDescriptor` of `@pliant/core`; the
 * capabilities are literal types, so a middleware that the model cannot serve is a compile error.
 */
export const smollm2 = {
  id: 'smollm2-135m-instruct',
  folder: findFiles(),
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
    'hidden.rows',
    'layers.skip',
    'batch',
    'fork',
  ],
  defaults: {
    // Of the first 8 layers one head finds what a question asks for (tools/eval tune). Below 128
    // tokens hardly any draft pays off, however few are kept (tools/bench
    // prompt-compress-break-even).
    'prompt-compress': { draft: 8, heads: [{ layer: 7, head: 7 }], minTokens: 128 },
    'layer-skip': {
      order,
      influences: [
        0.985301, 0.188881, 0.0411288, 0.0352248, 0.0349928, 0.0365378, 0.0371772, 0.0400956,
        0.0504922, 0.0470559, 0.0467219, 0.0534934, 0.0308087, 0.0272379, 0.0258688, 0.0303243,
        0.0342459, 0.027897, 0.0421716, 0.0477988, 0.0660422, 0.048794, 0.0480612, 0.0562738,
        0.159235, 0.02805, 0.0326864, 0.0494415, 0.0548719, 0.304241,
      ],
    },
    'self-speculate': { order },
  },
} as const;
