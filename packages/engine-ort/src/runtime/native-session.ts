import { StateError } from '@pliant/core';
import type { NativeApi, Pointer, Status } from './native-api.js';
import { check, outPointer, takeError } from './native-status.js';
import { NativeTensor } from './native-tensor.js';
import type { PreparedRun, RuntimeSession, Tensors } from './runtime.js';

/**
 * Run options of the runs under way. They are stopped when the process exits, which otherwise waits
 * for them.
 */
const running = new Map<Pointer, NativeApi>();
let watchesExit = false;
function watchExit(): void {
  if (watchesExit) return;
  watchesExit = true;
  process.once('exit', () => {
    for (const [runOptions, api] of running) api.RunOptionsSetTerminate(runOptions);
  });
}

interface NativeRun extends PreparedRun {
  /** Addresses of the OrtValues, in the session's order, and of the names of the outputs. */
  readonly inputValues: BigUint64Array;
  readonly outputValues: BigUint64Array;
  readonly outputNames: BigUint64Array;
}

interface Names {
  readonly list: readonly string[];
  /** Zero-terminated text, kept referenced for `pointers`. */
  readonly texts: readonly Uint8Array[];
  readonly pointers: BigUint64Array;
}

export class NativeSession implements RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #api: NativeApi;
  #session: Pointer;
  readonly #runOptions: Pointer;
  readonly #inputs: Names;
  readonly #outputs: Names;
  #current: Promise<void> | undefined;
  #terminated = false;

  /** Takes over the session. */
  constructor(api: NativeApi, session: Pointer) {
    this.#api = api;
    this.#session = session;
    const allocator = outPointer(api, 'reading the session', (out) =>
      api.GetAllocatorWithDefaultOptions(out),
    );
    const count = (call: (out: BigUint64Array) => Status) =>
      Number(outPointer(api, 'reading the session', call));
    const read = (length: number, name: (index: number, out: BigUint64Array) => Status): Names => {
      const list = Array.from({ length }, (_, index) => {
        const address = outPointer(api, 'reading the session', (out) => name(index, out));
        const text = api.readText(address);
        check(api, api.AllocatorFree(allocator, address), 'reading the session');
        return text;
      });
      const texts = list.map((text) => new TextEncoder().encode(`${text}\0`));
      return { list, texts, pointers: BigUint64Array.from(texts, (text) => api.address(text)) };
    };
    this.#inputs = read(
      count((out) => api.SessionGetInputCount(session, out)),
      (index, out) => api.SessionGetInputName(session, index, allocator, out),
    );
    this.#outputs = read(
      count((out) => api.SessionGetOutputCount(session, out)),
      (index, out) => api.SessionGetOutputName(session, index, allocator, out),
    );
    this.inputNames = this.#inputs.list;
    this.outputNames = this.#outputs.list;
    this.#runOptions = outPointer(api, 'creating run options', (out) => api.CreateRunOptions(out));
    watchExit();
  }

  prepare(inputs: Tensors, outputs: Tensors): PreparedRun {
    const value = (tensors: Tensors, name: string) => {
      const tensor = tensors[name];
      if (!(tensor instanceof NativeTensor) || !tensor.value)
        throw new StateError(`no live tensor for '${name}' of the graph`);
      return tensor.value;
    };
    const names = Object.keys(outputs);
    const run: NativeRun = {
      inputs,
      outputs,
      inputValues: BigUint64Array.from(this.inputNames, (name) => value(inputs, name)),
      outputValues: BigUint64Array.from(names, (name) => value(outputs, name)),
      outputNames: BigUint64Array.from(names, (name) => {
        const index = this.outputNames.indexOf(name);
        if (index < 0) throw new StateError(`the graph has no output '${name}'`);
        return this.#outputs.pointers[index];
      }),
    };
    return run;
  }

  async run(prepared: PreparedRun, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#session) throw new StateError('the session was closed');
    if (this.#current) throw new StateError('the session is running');
    const api = this.#api;
    if (this.#terminated) {
      check(api, api.RunOptionsUnsetTerminate(this.#runOptions), 'running the model');
      this.#terminated = false;
    }
    const abort = () => this.interrupt();
    this.#current = this.#call(prepared as NativeRun);
    signal?.addEventListener('abort', abort);
    try {
      await this.#current;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      this.#current = undefined;
      signal?.removeEventListener('abort', abort);
    }
  }

  #call(run: NativeRun): Promise<void> {
    const api = this.#api;
    return new Promise((resolve, reject) => {
      running.set(this.#runOptions, api);
      api.Run.async(
        this.#session,
        this.#runOptions,
        api.address(this.#inputs.pointers),
        api.address(run.inputValues),
        run.inputValues.length,
        api.address(run.outputNames),
        run.outputNames.length,
        api.address(run.outputValues),
        (failure, status) => {
          running.delete(this.#runOptions);
          // `run` is named here so that its memory stays referenced until the call is over.
          const error =
            failure ??
            takeError(api, status, `running the model (${run.inputValues.length} inputs)`);
          if (error) reject(error);
          else resolve();
        },
      );
    });
  }

  interrupt(): void {
    if (!this.#current) return;
    this.#terminated = true;
    this.#api.RunOptionsSetTerminate(this.#runOptions);
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = 0n;
    if (!session) return;
    await this.#current?.catch(() => undefined);
    this.#api.ReleaseRunOptions(this.#runOptions);
    this.#api.ReleaseSession(session);
  }
}
