import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fixturePath } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { UnsupportedModelError } from '../errors.js';
import { readModelGraph } from './model-graph.js';

const config = { hidden_size: 64, vocab_size: 264, max_position_embeddings: 512, head_dim: 16 };

function read(name: string, given: object = config) {
  const file = fixturePath(`models/breadth/${name}.onnx.gz`);
  return readModelGraph(gunzipSync(readFileSync(file)), given);
}

const composed = /put together from MatMul and Softmax;/;
const merged = /MatMul and Softmax, in the two branches of an If \(a merged export/;
const asIs = /load it with transformers\.js and wrap it with fromTransformers/;
const exportIt = /export the model with onnxruntime-genai's model builder/;
const buildAgain = /build it again with the model builder for the CPU/;

describe('the refusal of a published layout says what was found and what works', () => {
  it.each<[string, found: RegExp, says: readonly RegExp[], never: readonly RegExp[]]>([
    ['optimum-llama', composed, [asIs, exportIt], []],
    ['optimum-gpt2', composed, [asIs, exportIt], []],
    ['optimum-opt', composed, [asIs, exportIt], []],
    ['optimum-onnx-qwen3', composed, [asIs, exportIt], []],
    ['optimum-qwen2-q8', composed, [asIs, exportIt], []],
    ['optimum-qwen2-fp16', composed, [asIs, exportIt], []],
    ['optimum-llama-merged', merged, [asIs, exportIt], [/none that is known/]],
    ['optimum-gpt2-merged', merged, [asIs, exportIt], [/none that is known/]],
    [
      'gqa-llama-fp16-keep-io',
      /'past_key_values\.0\.key' goes through Cast .* float16 weights were given float32 inputs/,
      [asIs],
      [/no cache input of its own/],
    ],
    ['gqa-llama-num-logits-to-keep', /takes num_logits_to_keep; .*without this input/, [asIs], []],
    ['gqa-llama-logits-to-keep', /takes logits_to_keep; .*without this input/, [], [asIs]],
    ['builder-llama-last-row', /logits of 1 row, .*prune_lm_head/, [asIs], []],
    [
      'builder-phi3-longrope',
      /rotation tables by the length of attention_mask .*LongRoPE/,
      [asIs],
      [/for more than the cache lengths/],
    ],
    [
      'builder-lfm2',
      /states besides the KV cache \(past\.0\.conv, past\.2\.conv\)/,
      [/attention in every layer/],
      [asIs, /builder/],
    ],
    [
      'builder-qwen3-qk-norm',
      /normalises queries and keys itself, .*q_norm/,
      [buildAgain],
      [/quantised/, asIs],
    ],
    [
      'builder-llama-no-head',
      /no LM head: its output 'hidden_states' is 64 wide, as the hidden states are, .*264 tokens/,
      [/without exclude_lm_head/],
      [asIs],
    ],
  ])('%s', (name, found, says, never) => {
    const error = refusal(() => read(name));
    expect(error).toBeInstanceOf(UnsupportedModelError);
    for (const text of [found, ...says]) expect(error.message).toMatch(text);
    for (const text of [/onnx-community/, ...never]) expect(error.message).not.toMatch(text);
  });

  it.each(['builder-llama-fp16', 'builder-qwen2-q4f16'])('%s, by its cache', (name) => {
    const { kvElementType, wayOut } = read(name);
    expect(kvElementType).toBe('float16');
    expect(wayOut.all).toMatch(asIs);
    expect(wayOut.all).toMatch(buildAgain);
  });

  it('needs no config to see hidden states', () => {
    expect(() => read('builder-llama-no-head', { max_position_embeddings: 512 })).toThrow(
      /no LM head/,
    );
  });

  it('leaves a file that runs alone', () => {
    expect(read('builder-llama-int4').shape.vocabulary).toBe(264);
  });
});

function refusal(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was accepted');
}
