import { create } from '@bufbuild/protobuf';
import { InvalidModelError } from '../errors.js';
import {
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from './onnx_pb.js';

/**
 * Lists the files that hold the tensors' data, relative to the model's folder. The loader checks
 * whether such a file is a link out of the folder.
 * @throws InvalidModelError for a location outside the folder
 */
export function externalFiles(tensors: Iterable<TensorProto>): string[] {
  const files = new Set<string>();
  for (const tensor of tensors) {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) continue;
    const location = tensor.externalData.find((entry) => entry.key === 'location')?.value;
    if (!location || !isInside(location))
      throw new InvalidModelError(
        `Tensor '${tensor.name}' has its data in '${location ?? ''}', which is not a file inside the model's folder.`,
      );
    files.add(location);
  }
  return [...files].sort();
}

/** Takes the data out of a tensor that lies in a file. */
export function makeExternal(
  tensor: TensorProto,
  place: { readonly location: string; readonly offset: number; readonly length: number },
): void {
  tensor.rawData = new Uint8Array();
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData = Object.entries(place).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value: String(value) }),
  );
}

/**
 * Renames the files that hold the tensors' data.
 * @param names old to new; others keep their names
 */
export function renameFiles(
  tensors: Iterable<TensorProto>,
  names: ReadonlyMap<string, string>,
): void {
  for (const { externalData } of tensors)
    for (const entry of externalData)
      if (entry.key === 'location') entry.value = names.get(entry.value) ?? entry.value;
}

function isInside(location: string): boolean {
  if (location.includes('\0') || /^[a-zA-Z]:/.test(location)) return false;
  const segments = location.split(/[/\\]/);
  return segments[0] !== '' && segments.at(-1) !== '' && !segments.includes('..');
}
