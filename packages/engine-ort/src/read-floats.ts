import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { allocateFloats } from './allocate.js';
import { ModelFileError } from './errors.js';
import { type TensorProto, TensorProto_DataLocation } from './graph/onnx_pb.js';

/**
 * The numbers of a float tensor, a copy.
 * @param weightsFolder of its file, where the data is external
 * @throws ModelFileError where there are fewer than the dimensions say
 */
export function readFloats(tensor: TensorProto, weightsFolder: string | undefined): Float32Array {
  const { name, dims, floatData, rawData, dataLocation } = tensor;
  if (floatData.length > 0) return Float32Array.from(floatData);
  const count = dims.reduce((product, dim) => product * Number(dim), 1);
  const floats = allocateFloats(count, `Tensor '${name}'`);
  const bytes = Buffer.from(floats.buffer);
  const read =
    dataLocation === TensorProto_DataLocation.EXTERNAL
      ? readExternal(tensor, weightsFolder!, bytes)
      : Buffer.from(rawData.buffer, rawData.byteOffset, rawData.byteLength).copy(bytes);
  if (read < bytes.length)
    throw new ModelFileError(`tensor '${name}' is cut short: ${read} of ${bytes.length} bytes`);
  return floats;
}

/** @returns bytes read */
function readExternal({ externalData }: TensorProto, folder: string, into: Buffer): number {
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
