export type RuntimeKind = 'native' | 'binding';

/**
 * Memory of a tensor. The array gives the element type: float32, int32, int64, and bool for bytes.
 */
export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/**
 * A tensor over memory that the caller owns. Its contents may change between runs; its address and
 * shape may not.
 */
export interface Tensor {
  readonly data: TensorData;
  readonly dims: readonly number[];
  /** Frees what the runtime holds for it. Safe to call twice. The data stays. */
  release(): void;
}

export type Tensors = { readonly [name: string]: Tensor };

/** Tensors fixed for a run. Made once, run as often as wanted while its tensors live. */
export interface PreparedRun {
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

export interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * `inputs` must name every input of the graph, and `outputs` the wanted ones, each with the shape
   * that the run will give it.
   */
  prepare(inputs: Tensors, outputs: Tensors): PreparedRun;
  /**
   * Fills the outputs. One run at a time.
   * @throws the signal's reason when it aborts before or (native runtime) during the run
   * @throws RuntimeError, OutOfMemoryError
   */
  run(prepared: PreparedRun, signal?: AbortSignal): Promise<void>;
  /** Makes the run under way fail soon, if the runtime can. */
  interrupt(): void;
  /** After the run under way, if any. */
  close(): Promise<void>;
}

export interface LoadOptions {
  /** Folder of the external weights, if the graph has any. */
  readonly weightsFolder?: string;
  readonly threads: number;
}

/** ONNX Runtime, through one of two doors. */
export interface Runtime {
  readonly kind: RuntimeKind;
  /** Version of the ONNX Runtime library. */
  readonly version: string;
  /**
   * `true`: an output may be the very tensor of an input (the cache is updated in place). `false`:
   * outputs are copied.
   */
  readonly inPlace: boolean;
  /** @throws RangeError when `dims` and the length of `data` disagree */
  tensor(data: TensorData, dims: readonly number[]): Tensor;
  /** @throws RuntimeError, OutOfMemoryError */
  load(graph: Uint8Array, options: LoadOptions): Promise<RuntimeSession>;
  /** After its sessions were closed. Safe to call twice. */
  close(): void;
}
