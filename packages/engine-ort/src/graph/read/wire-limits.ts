import type { DescMessage } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { InvalidModelError } from '../errors.js';
import { ModelProtoSchema } from '../onnx/onnx_pb.js';

const MAX_BYTES = 2 ** 31 - 1;
const MAX_MESSAGES = 1_000_000;
const MAX_LIST_ITEMS = 16_000_000;
const MAX_DEPTH = 64;

/**
 * Bounds what parsing the bytes would allocate, before it allocates. A small file can hold millions
 * of empty messages, or nest them without end. Weights in `raw_data` or in external files do not
 * count.
 * @throws InvalidModelError
 */
export function checkWireLimits(bytes: Uint8Array): void {
  if (bytes.length > MAX_BYTES)
    throw new InvalidModelError(
      `The ONNX file has ${bytes.length} bytes; protobuf ends at ${MAX_BYTES}. Save the weights as external data.`,
    );
  let messages = 0;
  let items = 0;

  const visit = (reader: BinaryReader, message: DescMessage, end: number, depth: number): void => {
    if (depth > MAX_DEPTH)
      throw new InvalidModelError(`The ONNX file nests more than ${MAX_DEPTH} levels deep.`);
    if (++messages > MAX_MESSAGES)
      throw new InvalidModelError(
        `The ONNX file holds more than ${MAX_MESSAGES} nodes, attributes and tensors.`,
      );
    const fields = fieldsOf(message);
    while (reader.pos < end) {
      const [number, wireType] = reader.tag();
      const field = fields.get(number);
      if (field?.message && wireType === WireType.LengthDelimited) {
        const length = reader.uint32();
        if (reader.pos + length > end) throw new RangeError('message ends after its parent');
        visit(reader, field.message, reader.pos + length, depth + 1);
        continue;
      }
      const start = reader.pos;
      reader.skip(wireType, number);
      if (field?.fieldKind === 'list')
        items += wireType === WireType.LengthDelimited ? Math.max(1, reader.pos - start) : 1;
      if (items > MAX_LIST_ITEMS)
        throw new InvalidModelError(
          'The ONNX file holds more numbers in typed lists than a graph needs. Save the weights as raw or external data.',
        );
    }
    if (reader.pos !== end) throw new RangeError('field ends after its message');
  };
  visit(new BinaryReader(bytes), ModelProtoSchema, bytes.length, 0);
}

const tables = new Map<DescMessage, Map<number, DescMessage['fields'][number]>>();

function fieldsOf(message: DescMessage): Map<number, DescMessage['fields'][number]> {
  let table = tables.get(message);
  if (!table) {
    table = new Map(message.fields.map((field) => [field.number, field]));
    tables.set(message, table);
  }
  return table;
}
