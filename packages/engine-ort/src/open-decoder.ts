import { realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  type Capability,
  MissingCapabilityError,
  type ModelDescriptor,
  parseArguments,
  parseOptions,
} from '@pliant/core';
import { modelSourceSchema } from '@pliant/core/engine';
import { z } from 'zod/v4';
import { keyRotations } from './cache/key-rotations.js';
import type { OrtDecoder } from './decoder.js';
import { findModelFiles, readGraphFile, readJsonFile } from './files/model-files.js';
import { fingerprintModel } from './files/model-fingerprint.js';
import { checkWeightFiles } from './files/weight-files.js';
import { SessionCache } from './forward/session-cache.js';
import { InvalidModelError, UnsupportedModelError } from './graph/errors.js';
import { type ModelGraph, readModelGraph } from './graph/read/model-graph.js';
import { totalMemory } from './memory/total-memory.js';
import { ModelDecoder, needsSchema } from './model-decoder.js';
import { Resources } from './resources.js';
import { openRuntime } from './runtime/open-runtime.js';
import type { RuntimeKind } from './runtime/runtime.js';

export interface OpenDecoderOptions<Expect extends Capability = Capability> {
  /**
   * `'native'`: ONNX Runtime's C API by FFI; updates the cache in place and leaves the event loop
   * free. `'binding'`: onnxruntime-node's own API, slower. Default: native, or binding if FFI
   * cannot be loaded; `inspect()` says which and why.
   */
  readonly runtime?: RuntimeKind;
  /**
   * Threads that compute, including the calling one: 1 or more. Default: the cores that Node sees,
   * `os.availableParallelism()`.
   */
  readonly threads?: number;
  /**
   * How `layers` of a forward are skipped. `'gates'`: one graph skips any set, and its gates cost
   * some time in every layer. `'cut'`: forwards that skip nothing run without gates, and each set
   * of skipped layers gets a graph without them, built at its first use (a fraction of a second,
   * and the weights in memory once more). It is faster if the set stays the same. Default
   * `'gates'`.
   */
  readonly skipping?: 'gates' | 'cut';
  /**
   * Bytes that the sessions of the decoder and its drafts may take. Forwards that need different
   * ports have a session each, which takes about as much as the weights. Above the limit a forward
   * uses a loaded session with more ports, if there is one. Else sessions that no open sequence
   * uses are closed, and built again when needed. Sessions in use are kept, whatever they take.
   * Default: a quarter of the memory of the machine or container.
   */
  readonly sessionMemory?: number;
  /**
   * Lets ONNX Runtime (1.29 and later) collect telemetry. Only the first load of the library in a
   * process decides. Default false.
   */
  readonly telemetry?: boolean;
  /**
   * For a folder or file: capabilities that the model must have. They are checked when it opens,
   * and become part of the type.
   */
  readonly expect?: readonly Expect[];
}

const argumentsSchema = z.strictObject({ source: modelSourceSchema });
const optionsSchema = z.strictObject({
  runtime: z.enum(['native', 'binding']).optional(),
  threads: z.int().min(1).max(1024).optional(),
  skipping: z.enum(['gates', 'cut']).default('gates'),
  sessionMemory: z
    .number()
    .min(0)
    .default(totalMemory / 4),
  telemetry: z.boolean().default(false),
  expect: needsSchema.default([]),
});

/**
 * Opens a decoder-only ONNX model whose attention is the GroupQueryAttention operator: what
 * onnxruntime-genai's builder writes and what onnx-community publishes for transformers.js 3 and
 * later. The file is read and checked here; sessions are built by the first `open` or by `prepare`.
 *
 * ```ts
 * const decoder = await openDecoder('models/my-model', { expect: ['kv.edit', 'scores'] });
 * ```
 * @param source a descriptor of a model package, a folder with config.json and an ONNX file
 * (`modelFileNames`, in that order), or an ONNX file
 * @throws InvalidArgumentError, InvalidOptionsError
 * @throws ModelFileError for a file that is missing, cut short, or outside the folder
 * @throws InvalidModelError, UnsupportedModelError for a file of another kind
 * @throws MissingCapabilityError if the descriptor or `expect` promises what the model cannot do
 * @throws RuntimeUnavailableError /
 */
export function openDecoder<Have extends Capability>(
  source: ModelDescriptor<Have>,
  options?: OpenDecoderOptions,
): Promise<OrtDecoder<Have>>;
export function openDecoder<const Expect extends Capability = Capability>(
  source: string,
  options?: OpenDecoderOptions<Expect>,
): Promise<OrtDecoder<Expect>>;
export function openDecoder(
  source: ModelDescriptor | string,
  options?: OpenDecoderOptions,
): Promise<OrtDecoder>;
export async function openDecoder(
  source: ModelDescriptor | string,
  options: OpenDecoderOptions = {},
): Promise<OrtDecoder> {
  parseArguments('openDecoder', argumentsSchema, { source });
  const {
    runtime: wanted,
    expect,
    telemetry,
    skipping,
    sessionMemory,
    ...given
  } = parseOptions('openDecoder', optionsSchema, options);
  const threads = given.threads ?? os.availableParallelism();
  const descriptor = typeof source === 'string' ? undefined : source;
  const files = await findModelFiles(descriptor?.folder ?? (source as string), descriptor?.file);
  const config = await readJsonFile(files.folder, 'config.json');
  const graph = readGraph(files.file, await readGraphFile(files.file), config);
  const id = descriptor?.id ?? path.basename(files.folder);
  for (const capability of [...expect, ...(descriptor?.capabilities ?? [])])
    if (graph.missing[capability] !== undefined)
      throw new MissingCapabilityError('openDecoder', capability, id, graph.missing[capability]);
  if (graph.kvElementType !== 'float')
    throw new UnsupportedModelError(
      `'${files.file}': the KV cache is ${graph.kvElementType}, as in exports for GPUs (fp16, q4f16); this engine has caches of float32. ${graph.wayOut.all}`,
    );
  const { folder: weightsFolder, files: weights } = await checkWeightFiles(files, graph);
  const file = await realpath(files.file);
  const { runtime, reason } = await openRuntime({ runtime: wanted, threads, telemetry });
  const resources = new Resources(id);
  resources.add(() => runtime.close());
  const model = {
    ...files,
    weightsFolder,
    graph,
    runtime,
    runtimeReason: reason,
    threads,
    telemetry,
    skipping,
    keyRotations: keyRotations(graph, weightsFolder),
    sessions: new SessionCache(sessionMemory, warnOnce(id, sessionMemory)),
    fingerprint: fingerprintModel(
      file,
      weights.filter((one) => one !== file),
    ),
    defaults: descriptor?.defaults,
  };
  return new ModelDecoder(id, model, graph.shape.layers, resources);
}

/** @throws with the name of the file */
function readGraph(file: string, bytes: Uint8Array, config: unknown): ModelGraph {
  try {
    return readModelGraph(bytes, config, path.basename(file));
  } catch (error) {
    for (const type of [UnsupportedModelError, InvalidModelError])
      if (type.isInstance(error)) throw new type(`'${file}': ${error.message}`, { cause: error });
    throw error;
  }
}

/** Warns at the first rebuild only: there may be one at each token. */
function warnOnce(id: string, memory: number): () => void {
  let warned = false;
  return () => {
    if (warned) return;
    warned = true;
    process.emitWarning(
      `decoder '${id}' builds a session again that had made room for another: the sessions may take ${Math.round(memory / 2 ** 20)} MB, and what runs on it needs more in turn. Raise 'sessionMemory' of openDecoder; inspect().sessionRebuilds counts on`,
      { type: 'PliantWarning', code: 'PLIANT_SESSION_REBUILT' },
    );
  };
}
