/**
 * A tensor as every onnxruntime-node takes and returns it: plain fields, so that no library's
 * Tensor class is needed.
 */
export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayBufferView & ArrayLike<number | bigint>;
  /** `'cpu'` in onnxruntime 1.16 and later; absent before. */
  readonly location?: string;
}

/** The part of an onnxruntime `InferenceSession` that is used. */
export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** onnxruntime 1.20 and later. */
  readonly inputMetadata?: readonly OrtValueMetadata[];
  readonly outputMetadata?: readonly OrtValueMetadata[];
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
}

export interface OrtValueMetadata {
  readonly name: string;
  readonly type?: string;
  /** Names stand for free dimensions. */
  readonly shape?: readonly (number | string)[];
}

export function isSession(value: unknown): value is OrtSession {
  const session = value as Partial<OrtSession> | null | undefined;
  return Array.isArray(session?.inputNames) && typeof session?.run === 'function';
}

export function int64Tensor(data: BigInt64Array, dims: readonly number[]): OrtTensor {
  return { type: 'int64', dims, data, location: 'cpu' };
}

export function boolTensor(value: boolean): OrtTensor {
  return { type: 'bool', dims: [1], data: Uint8Array.of(value ? 1 : 0), location: 'cpu' };
}

/** No rows of keys or values yet. */
export function emptyTensor(type: string, dims: readonly number[]): OrtTensor {
  const data = type === 'float16' ? new Uint16Array(0) : new Float32Array(0);
  return { type, dims, data, location: 'cpu' };
}

/** Elements `from` to `to` as 32-bit floats; a view where they are that already. */
export function floatsOf({ type, data }: OrtTensor, from: number, to: number): Float32Array {
  if (data instanceof Float32Array) return data.subarray(from, to);
  if (type !== 'float16') throw new TypeError(`floats of a ${type} tensor`);
  // Uint16Array, or Float16Array where the runtime has it: the same bits.
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.length);
  return Float32Array.from(bits.subarray(from, to), halfToFloat);
}

/** IEEE 754 half precision: 1 sign, 5 exponent and 10 fraction bits. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
