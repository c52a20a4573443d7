import { StateError } from '@pliant/core';
import { loadNativeApi, type NativeApi, type Pointer } from './native-api.js';
import {
  acquireEnvironment,
  type NativeEnvironment,
  releaseEnvironment,
} from './native-environment.js';
import { NativeSession } from './native-session.js';
import { check, outPointer, takeError } from './native-status.js';
import { NativeTensor } from './native-tensor.js';
import type { LoadOptions, Runtime, RuntimeSession, Tensor, TensorData } from './runtime.js';

/**
 * ONNX Runtime's C API by FFI. Runs happen on another thread, and the cache is updated in place.
 * @throws RuntimeUnavailableError
 */
export async function openNativeRuntime(threads: number): Promise<Runtime> {
  const api = await loadNativeApi();
  return new NativeRuntime(api, acquireEnvironment(api, threads));
}

class NativeRuntime implements Runtime {
  readonly kind = 'native';
  readonly inPlace = true;
  readonly version: string;
  readonly #memoryInfo: Pointer;
  #closed = false;

  constructor(
    private readonly api: NativeApi,
    private readonly environment: NativeEnvironment,
  ) {
    this.version = api.version;
    this.#memoryInfo = outPointer(api, 'creating memory info', (out) =>
      api.CreateCpuMemoryInfo(1, 0, out),
    );
  }

  tensor(data: TensorData, dims: readonly number[]): Tensor {
    if (this.#closed) throw new StateError('the runtime was closed');
    return new NativeTensor(this.api, this.#memoryInfo, data, dims);
  }

  async load(graph: Uint8Array, options: LoadOptions): Promise<RuntimeSession> {
    if (this.#closed) throw new StateError('the runtime was closed');
    const shared = this.environment.sharedThreads === options.threads;
    try {
      return await this.#create(graph, options, shared);
    } catch (error) {
      if (!shared || !/global|CreateEnvWithGlobalThreadPools/i.test((error as Error).message))
        throw error;
      // Another user of the library made the environment before us, without a shared pool.
      this.environment.sharedThreads = undefined;
      return this.#create(graph, options, false);
    }
  }

  async #create(
    graph: Uint8Array,
    options: LoadOptions,
    sharedThreads: boolean,
  ): Promise<RuntimeSession> {
    const { api } = this;
    const doing = 'loading the model';
    const sessionOptions = outPointer(api, doing, (out) => api.CreateSessionOptions(out));
    try {
      if (sharedThreads) check(api, api.DisablePerSessionThreads(sessionOptions), doing);
      else {
        check(api, api.SetIntraOpNumThreads(sessionOptions, options.threads), doing);
        check(api, api.SetInterOpNumThreads(sessionOptions, 1), doing);
      }
      const entry = (key: string, value: string) =>
        check(api, api.AddSessionConfigEntry(sessionOptions, key, value), doing);
      if (options.weightsFolder)
        entry('session.model_external_initializers_file_folder_path', options.weightsFolder);
      const session = await this.#createSession(graph, sessionOptions, doing);
      return new NativeSession(api, session);
    } finally {
      api.ReleaseSessionOptions(sessionOptions);
    }
  }

  #createSession(graph: Uint8Array, sessionOptions: Pointer, doing: string): Promise<Pointer> {
    const { api } = this;
    const out = new BigUint64Array(1);
    return new Promise((resolve, reject) => {
      api.CreateSessionFromArray.async(
        this.environment.env,
        api.address(graph),
        graph.byteLength,
        sessionOptions,
        api.address(out),
        (failure, status) => {
          const error = failure ?? takeError(api, status, `${doing} (${graph.byteLength} bytes)`);
          if (error) reject(error);
          else resolve(out[0]);
        },
      );
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.api.ReleaseMemoryInfo(this.#memoryInfo);
    releaseEnvironment(this.api);
  }
}
