import { checkDims } from './check-dims.js';
import type { NativeApi, Pointer } from './native-api.js';
import { check } from './native-status.js';
import type { Tensor, TensorData } from './runtime.js';

/** ONNXTensorElementDataType. */
function elementType(data: TensorData): number {
  if (data instanceof Float32Array) return 1;
  if (data instanceof Int32Array) return 6;
  if (data instanceof BigInt64Array) return 7;
  return 9;
}

/**
 * Frees tensors that were dropped without `release`. Their memory belongs to the garbage collector
 * in any case.
 */
const forgotten = new FinalizationRegistry<{ api: NativeApi; value: Pointer }>(({ api, value }) =>
  api.ReleaseValue(value),
);

/** An OrtValue over a typed array, which it keeps referenced. */
export class NativeTensor implements Tensor {
  /** The OrtValue; 0n once released. */
  value: Pointer;
  readonly dims: readonly number[];

  constructor(
    private readonly api: NativeApi,
    memoryInfo: Pointer,
    readonly data: TensorData,
    dims: readonly number[],
  ) {
    checkDims(data, dims);
    this.dims = [...dims];
    const out = new BigUint64Array(1);
    check(
      api,
      api.CreateTensorWithDataAsOrtValue(
        memoryInfo,
        api.address(data),
        data.byteLength,
        BigInt64Array.from(dims, BigInt),
        dims.length,
        elementType(data),
        out,
      ),
      'creating a tensor',
    );
    this.value = out[0];
    forgotten.register(this, { api, value: this.value }, this);
  }

  release(): void {
    if (!this.value) return;
    forgotten.unregister(this);
    this.api.ReleaseValue(this.value);
    this.value = 0n;
  }
}
