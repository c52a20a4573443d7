import { deserialize, serialize } from 'node:v8';
import { PliantError, StateError } from '@pliant/core';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { RuntimeUnavailableError } from '../errors.js';
import { checkDims } from './check-dims.js';
import { systemHint } from './library-hint.js';
import { runtimeError } from './native-status.js';
import type {
  LoadOptions,
  PreparedRun,
  Runtime,
  RuntimeSession,
  Tensor,
  TensorData,
  Tensors,
} from './runtime.js';

type Ort = typeof import('onnxruntime-node');

/**
 * Runs onnxruntime-node's own JavaScript API. A run blocks the event loop, cannot be stopped
 * half-way, and copies its outputs.
 * @throws RuntimeUnavailableError
 */
export async function openBindingRuntime(): Promise<Runtime> {
  if (isOtherRealm())
    throw new RuntimeUnavailableError(
      "onnxruntime-node's own API does not run in another realm than that of Node (jest and node:vm make one): it refuses the typed arrays from there. Use { runtime: 'native' }, which does.",
    );
  let ort: Ort & { readonly default?: Ort };
  try {
    ort = await import('onnxruntime-node');
  } catch (cause) {
    throw new RuntimeUnavailableError(
      `onnxruntime-node could not be loaded: ${(cause as Error).message}. Install version 1.23 or later.${systemHint(cause)}`,
      { cause },
    );
  }
  return new BindingRuntime(ort.default ?? ort);
}

/** Whether typed arrays made here are of other classes than those that Node's own code makes. */
function isOtherRealm(): boolean {
  return !(deserialize(serialize(new Float32Array(1))) instanceof Float32Array);
}

class BindingRuntime implements Runtime {
  readonly kind = 'binding';
  readonly inPlace = false;
  readonly version: string;
  #closed = false;

  constructor(private readonly ort: Ort) {
    this.version = ort.env.versions.node ?? 'unknown';
  }

  tensor(data: TensorData, dims: readonly number[]): Tensor {
    if (this.#closed) throw new StateError('the runtime was closed');
    return new BindingTensor(this.ort, data, dims);
  }

  async load(graph: Uint8Array, options: LoadOptions): Promise<RuntimeSession> {
    if (this.#closed) throw new StateError('the runtime was closed');
    const folder = options.weightsFolder;
    const session = await translated('loading the model', () =>
      this.ort.InferenceSession.create(graph, {
        intraOpNumThreads: options.threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
        ...(folder && {
          extra: { session: { model_external_initializers_file_folder_path: folder } },
        }),
      }),
    );
    return new BindingSession(session);
  }

  close(): void {
    this.#closed = true;
  }
}

class BindingTensor implements Tensor {
  readonly value: OrtTensor;
  readonly dims: readonly number[];

  constructor(
    ort: Ort,
    readonly data: TensorData,
    dims: readonly number[],
  ) {
    checkDims(data, dims);
    this.dims = [...dims];
    this.value =
      data instanceof Float32Array
        ? new ort.Tensor('float32', data, dims)
        : data instanceof Int32Array
          ? new ort.Tensor('int32', data, dims)
          : data instanceof BigInt64Array
            ? new ort.Tensor('int64', data, dims)
            : new ort.Tensor('bool', data, dims);
  }

  release(): void {
    // The tensor is a JavaScript object over `data`; there is nothing else to free.
  }
}

interface BindingRun extends PreparedRun {
  readonly feeds: InferenceSession.FeedsType;
  readonly fetches: readonly string[];
}

class BindingSession implements RuntimeSession {
  #session: InferenceSession | undefined;
  #running = false;

  constructor(session: InferenceSession) {
    this.#session = session;
  }

  get inputNames(): readonly string[] {
    return this.#session?.inputNames ?? [];
  }

  get outputNames(): readonly string[] {
    return this.#session?.outputNames ?? [];
  }

  prepare(inputs: Tensors, outputs: Tensors): PreparedRun {
    const feeds: { [name: string]: OrtTensor } = {};
    for (const name of this.inputNames) {
      const tensor = inputs[name];
      if (!(tensor instanceof BindingTensor))
        throw new StateError(`no live tensor for '${name}' of the graph`);
      feeds[name] = tensor.value;
    }
    const run: BindingRun = { inputs, outputs, feeds, fetches: Object.keys(outputs) };
    return run;
  }

  async run(prepared: PreparedRun, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const session = this.#session;
    if (!session) throw new StateError('the session was closed');
    if (this.#running) throw new StateError('the session is running');
    this.#running = true;
    try {
      const { feeds, fetches, outputs } = prepared as BindingRun;
      const results = await translated('running the model', () => session.run(feeds, fetches));
      // The caller may have aborted while the event loop was blocked.
      signal?.throwIfAborted();
      for (const name of fetches) copyResult(name, results[name], outputs[name]);
    } finally {
      this.#running = false;
    }
  }

  interrupt(): void {
    // A run blocks the event loop: by the time anyone can call this, it is over.
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.release();
  }
}

function copyResult(name: string, from: OrtTensor, to: Tensor): void {
  if (from.dims.length !== to.dims.length || from.dims.some((dim, i) => dim !== to.dims[i]))
    throw new StateError(`output '${name}' is [${from.dims}], [${to.dims}] was expected`);
  if (from.data instanceof Float32Array && to.data instanceof Float32Array) to.data.set(from.data);
  else throw new StateError(`output '${name}' is ${from.type}, float32 was expected`);
}

async function translated<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (PliantError.isInstance(error)) throw error;
    throw runtimeError((error as Error).message, -1, doing);
  }
}
