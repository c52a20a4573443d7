import path from 'node:path';
import { argmax } from '@pliant/core';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const { layers, kvHeads, headDim, vocabulary } = {
  layers: 30,
  kvHeads: 3,
  headDim: 64,
  vocabulary: 49_152,
};

/**
 * The embedded model's file as it was published, run by onnxruntime-node with its cache outputs fed
 * back: what everything is compared with.
 */
export class UneditedModel {
  private constructor(private readonly session: InferenceSession) {}

  static async open(): Promise<UneditedModel> {
    return new UneditedModel(
      await InferenceSession.create(path.join(smollm2.folder, smollm2.file), {
        intraOpNumThreads: 1,
      }),
    );
  }

  /**
   * Greedy tokens, at most `count`, up to and with one of `ends`; and the logits each was chosen
   * from.
   * @param parts of the prompt, a forward each: 8-bit kernels round one row otherwise than several,
   * so it matters which tokens are read alone
   */
  async generate(
    parts: readonly ArrayLike<number>[],
    count: number,
    ends: ReadonlySet<number>,
  ): Promise<{ tokens: number[]; logits: Float32Array[] }> {
    const tokens: number[] = [];
    const logits: Float32Array[] = [];
    const waiting = [...parts];
    let past = emptyCache();
    let read = 0;
    for (;;) {
      const next = Array.from(waiting.shift() ?? [tokens[tokens.length - 1]], BigInt);
      read += next.length;
      const { logits: all, ...present } = await this.session.run({
        input_ids: int64(next),
        attention_mask: int64(new Array<bigint>(read).fill(1n)),
        ...past,
      });
      past = Object.fromEntries(
        Object.entries(present).map(([name, tensor]) => [
          name.replace('present', 'past_key_values'),
          tensor as Tensor,
        ]),
      );
      if (waiting.length > 0) continue;
      logits.push((all.data as Float32Array).slice(-vocabulary));
      tokens.push(argmax(logits[logits.length - 1]));
      if (tokens.length === count || ends.has(tokens[tokens.length - 1])) return { tokens, logits };
    }
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

function int64(values: readonly bigint[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values), [1, values.length]);
}

function emptyCache(): Record<string, Tensor> {
  const cache: Record<string, Tensor> = {};
  for (let layer = 0; layer < layers; layer++)
    for (const which of ['key', 'value'])
      cache[`past_key_values.${layer}.${which}`] = new Tensor('float32', new Float32Array(0), [
        1,
        kvHeads,
        0,
        headDim,
      ]);
  return cache;
}
