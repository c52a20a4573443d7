import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { allocateFloats } from '../memory/allocate.js';
import { ModelFileError } from '../errors.js';
import { type TensorProto, TensorProto_DataLocation } from '../graph/onnx/onnx_pb.js';

/**
 * Returns a copy of the first `count` numbers of a float tensor.
 * @param weightsFolder folder of its file, if the data is external
 * @throws ModelFileError if there are fewer
 */
export function readFloats(
  { name, floatData, rawData, dataLocation, externalData }: TensorProto,
  weightsFolder: string | undefined,
  count: number,
): Float32Array {
  if (floatData.length > 0) return Float32Array.from(floatData.slice(0, count));
  const floats = allocateFloats(count, `Tensor '${name}'`);
  const bytes = Buffer.from(floats.buffer);
  const read =
    dataLocation === TensorProto_DataLocation.EXTERNAL
      ? readExternal(externalData, weightsFolder!, bytes)
      : Buffer.from(rawData.buffer, rawData.byteOffset, rawData.byteLength).copy(bytes);
  if (read < bytes.length)
    throw new ModelFileError(`tensor '${name}' is cut short: ${read} of ${bytes.length} bytes`);
  return floats;
}

/** @returns bytes read */
function readExternal(
  externalData: TensorProto['externalData'],
  folder: string,
  into: Buffer,
): number {
  const entry = (key: string) => externalData.find((data) => data.key === key)?.value;
  const file = path.join(folder, entry('location') ?? '');
  try {
    const descriptor = openSync(file, 'r');
    try {
      return readSync(descriptor, into, 0, into.length, Number(entry('offset') ?? 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new ModelFileError(`'${file}' cannot be read: ${(cause as Error).message}`, { cause });
  }
}
