import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { z } from 'zod/v4';
import { pathSchema } from '../checks/argument-schemas.js';
import { parseArguments } from '../checks/parse-options.js';
import { messageOf } from '../checks/show.js';
import { PliantError, SavedGenerationError, TensorFileError } from '../contract/errors.js';
import { replaceFile } from './replace-file.js';

/** Numbers of a named tensor. */
export interface SavedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export interface SafeTensors {
  readonly tensors: ReadonlyMap<string, SavedTensor>;
  readonly metadata: { readonly [name: string]: string };
}

type Refuse = (message: string, cause?: unknown) => Error;

const dtypes = { F32: Float32Array, I32: Int32Array } as const;
const bytesPerNumber = 4;
/** Maximum length of a header in bytes, whatever the file says. */
const longestHeader = 64 * 2 ** 20;
const blank = '0'.repeat(64);

const headerSchema = z.looseObject({
  __metadata__: z.record(z.string(), z.string()).default({}),
});
const tensorSchema = z.strictObject({
  dtype: z.enum(['F32', 'I32']),
  shape: z.array(z.int().min(0)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const anyTensorSchema = tensorSchema.extend({ dtype: z.string() });

/**
 * Writes tensors and texts in the safetensors format (huggingface/safetensors), with `sha256` among
 * the texts: the digest of the header, zeros in the place of the digest, and of the data. Written
 * beside `path` and moved there, so that a file is whole or not there.
 * @throws SavedGenerationError if it cannot be written, or `path` is not a plain file
 */
export async function writeSafeTensors(path: string, content: SafeTensors): Promise<void> {
  const { tensors } = content;
  const data = [...tensors.values()].map(({ data: numbers }) => bytesOf(numbers));
  const hash = createHash('sha256').update(headerOf(content, blank));
  for (const bytes of data) updateWith(hash, bytes);
  const header = headerOf(content, hash.digest('hex'));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await replaceFile(
    path,
    [length, header, ...data],
    (message, cause) => new SavedGenerationError(path, message, { cause }),
  );
}

/**
 * Reads the F32 and I32 tensors of a file; those of other types are left out.
 * @throws InvalidArgumentError; TensorFileError for a file of another format, or that is damaged or
 * cannot be read
 */
export async function readTensorFile(path: string): Promise<SafeTensors> {
  parseArguments('readTensorFile', z.strictObject({ path: pathSchema }), { path });
  return readFileOfTensors(path, {
    refuse: (message, cause) => new TensorFileError(path, message, { cause }),
    skipsOthers: true,
  });
}

/**
 * Reads a file that `writeSafeTensors` wrote.
 * @param accept throws for texts of a file that is not to be read; before its tensors are, and
 * before its checksum is known to match
 * @throws SavedGenerationError for a file that is damaged, of another format, or cannot be read
 */
export async function readSafeTensors(
  path: string,
  accept: (metadata: SafeTensors['metadata']) => void = () => {},
): Promise<SafeTensors> {
  const refuse: Refuse = (message, cause) => new SavedGenerationError(path, message, { cause });
  return readFileOfTensors(path, { refuse, accept, checksum: true });
}

interface ReadOptions {
  readonly refuse: Refuse;
  readonly accept?: (metadata: SafeTensors['metadata']) => void;
  /** Whether the texts must hold the file's checksum. */
  readonly checksum?: boolean;
  /** Leaves out tensors of other types, which are refused otherwise. */
  readonly skipsOthers?: boolean;
}

async function readFileOfTensors(path: string, options: ReadOptions): Promise<SafeTensors> {
  try {
    // Opened only then: a pipe would be waited for.
    if (!(await stat(path)).isFile()) throw options.refuse('is not a plain file');
    return await readTensors(path, options);
  } catch (error) {
    if (PliantError.isInstance(error)) throw error;
    throw options.refuse(`cannot be read: ${messageOf(error)}`, error);
  }
}

async function readTensors(
  path: string,
  { refuse, accept, checksum, skipsOthers }: ReadOptions,
): Promise<SafeTensors> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Buffer.alloc(8);
    if (size < 8) throw refuse('is too short for a safetensors file');
    await readFully(file, start, 0);
    const length = Number(start.readBigUInt64LE());
    if (length > Math.min(size - 8, longestHeader)) throw refuse('is not a safetensors file');
    const header = Buffer.alloc(length);
    await readFully(file, header, 8);
    const { __metadata__: metadata, ...entries } = parseHeader(header, refuse);
    accept?.(metadata);
    const data = Buffer.from(new ArrayBuffer(size - 8 - length));
    await readFully(file, data, 8 + length);
    if (checksum) checkDigest(header, data, metadata.sha256 ?? '', refuse);
    const tensors = Object.entries(entries)
      .filter(([, entry]) => !skipsOthers || !isOfOtherType(entry))
      .map(([name, entry]) => [name, tensorOf(name, entry, data, refuse)] as const);
    // The digest does not see where the header ends: padding may count as data.
    const held = tensors.reduce((sum, [, tensor]) => sum + tensor.data.byteLength, 0);
    if (checksum && held !== data.length) throw refuse('is damaged: its tensors do not fill it');
    return { tensors: new Map(tensors), metadata };
  } finally {
    await file.close();
  }
}

/** Bytes that one call of the system or of OpenSSL takes. */
const atOnce = 2 ** 30;

function updateWith(hash: Hash, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; from += atOnce)
    hash.update(bytes.subarray(from, from + atOnce));
}

/** Fills `bytes`; what a file that has become shorter lacks stays 0, and the checksum tells. */
async function readFully(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let from = 0; from < bytes.length; ) {
    const count = Math.min(atOnce, bytes.length - from);
    const { bytesRead } = await file.read(bytes, from, count, at + from);
    if (bytesRead === 0) return;
    from += bytesRead;
  }
}

function headerOf({ tensors, metadata }: SafeTensors, sha256: string): Buffer {
  const header: Record<string, unknown> = { __metadata__: { ...metadata, sha256 } };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    const end = offset + data.byteLength;
    const dtype = data instanceof Float32Array ? 'F32' : 'I32';
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  // Padded with spaces, as the format advises, so that the data is aligned.
  return Buffer.concat([text, Buffer.alloc(-text.length & 7, ' ')]);
}

function parseHeader(header: Buffer, refuse: Refuse) {
  try {
    return headerSchema.parse(JSON.parse(header.toString()));
  } catch (cause) {
    throw refuse('has no readable header', cause);
  }
}

function checkDigest(header: Buffer, data: Buffer, sha256: string, refuse: Refuse): void {
  const at = /^[0-9a-f]{64}$/.test(sha256) ? header.indexOf(sha256) : -1;
  if (at < 0) throw refuse('has no checksum');
  const blanked = Buffer.from(header);
  blanked.write(blank, at);
  const hash = createHash('sha256').update(blanked);
  updateWith(hash, data);
  if (hash.digest('hex') !== sha256) throw refuse('is damaged: its checksum does not match');
}

function isOfOtherType(entry: unknown): boolean {
  const parsed = anyTensorSchema.safeParse(entry);
  return parsed.success && !Object.hasOwn(dtypes, parsed.data.dtype);
}

function tensorOf(name: string, entry: unknown, data: Buffer, refuse: Refuse): SavedTensor {
  const parsed = tensorSchema.safeParse(entry);
  if (!parsed.success)
    throw refuse(`has a tensor '${name}' that cannot be read: only F32 and I32 can`);
  const { dtype, shape, data_offsets } = parsed.data;
  const [from, to] = data_offsets;
  const count = shape.reduce((product, size) => product * size, 1);
  if (to > data.length || to - from !== count * bytesPerNumber || from % bytesPerNumber !== 0)
    throw refuse(`has a tensor '${name}' of another size than its header says`);
  return { shape, data: new dtypes[dtype](data.buffer as ArrayBuffer, from, count) };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
  Buffer.from(buffer, byteOffset, byteLength);
