import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { makeExternal } from './external-files.js';
import { type ModelProto, ModelProtoSchema } from './onnx_pb.js';

/** Smaller tensors may be read by the runtime when it infers shapes, and cost nothing. */
const smallest = 16 * 1024;

/**
 * Makes large weights external data in the file that they were read from, without a reference to
 * its bytes. Otherwise each session would be built from a copy of them all.
 * @param model parsed from `bytes`; modified
 * @param file name of the file of `bytes`
 */
export function withWeightsAside(model: ModelProto, bytes: Uint8Array, file: string): ModelProto {
  const large = (model.graph?.initializer ?? []).filter(
    ({ rawData }) => rawData.length >= smallest,
  );
  if (large.length === 0) return model;
  for (const tensor of large) {
    const { byteOffset, length } = tensor.rawData;
    makeExternal(tensor, { location: file, offset: byteOffset - bytes.byteOffset, length });
  }
  // Small tensors are still views of the bytes.
  return fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, model), {
    readUnknownFields: false,
  });
}
