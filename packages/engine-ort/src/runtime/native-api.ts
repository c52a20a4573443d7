import { RuntimeUnavailableError } from '../errors.js';
import { systemHint } from './library-hint.js';
import { findNativeLibrary } from './native-library.js';

/** An address; 0n is null. */
export type Pointer = bigint;
/** Null if the call succeeded. */
export type Status = Pointer | null;
type Address = Pointer | ArrayBufferView | null;

type Function<Arguments extends readonly unknown[], Result> = ((...args: Arguments) => Result) & {
  async(...args: [...Arguments, (error: Error | null, result: Result) => void]): void;
};

/** Functions used, of API version 22 (onnxruntime 1.22). Their struct only grows at its end. */
export interface NativeApi {
  readonly version: string;
  address(memory: ArrayBufferView): Pointer;
  GetErrorCode: Function<[Pointer], number>;
  GetErrorMessage: Function<[Pointer], string>;
  ReleaseStatus: Function<[Pointer], void>;
  CreateThreadingOptions: Function<[Address], Status>;
  ReleaseThreadingOptions: Function<[Pointer], void>;
  SetGlobalIntraOpNumThreads: Function<[Pointer, number], Status>;
  SetGlobalInterOpNumThreads: Function<[Pointer, number], Status>;
  CreateEnvWithGlobalThreadPools: Function<[number, string, Pointer, Address], Status>;
  ReleaseEnv: Function<[Pointer], void>;
  CreateSessionOptions: Function<[Address], Status>;
  ReleaseSessionOptions: Function<[Pointer], void>;
  SetIntraOpNumThreads: Function<[Pointer, number], Status>;
  SetInterOpNumThreads: Function<[Pointer, number], Status>;
  DisablePerSessionThreads: Function<[Pointer], Status>;
  AddSessionConfigEntry: Function<[Pointer, string, string], Status>;
  CreateSessionFromArray: Function<[Pointer, Pointer, number, Pointer, Pointer], Status>;
  ReleaseSession: Function<[Pointer], void>;
  SessionGetInputCount: Function<[Pointer, Address], Status>;
  SessionGetOutputCount: Function<[Pointer, Address], Status>;
  SessionGetInputName: Function<[Pointer, number, Pointer, Address], Status>;
  SessionGetOutputName: Function<[Pointer, number, Pointer, Address], Status>;
  GetAllocatorWithDefaultOptions: Function<[Address], Status>;
  AllocatorFree: Function<[Pointer, Pointer], Status>;
  CreateCpuMemoryInfo: Function<[number, number, Address], Status>;
  ReleaseMemoryInfo: Function<[Pointer], void>;
  CreateTensorWithDataAsOrtValue: Function<
    [Pointer, Pointer, number, Address, number, number, Address],
    Status
  >;
  ReleaseValue: Function<[Pointer], void>;
  CreateRunOptions: Function<[Address], Status>;
  ReleaseRunOptions: Function<[Pointer], void>;
  RunOptionsSetTerminate: Function<[Pointer], Status>;
  RunOptionsUnsetTerminate: Function<[Pointer], Status>;
  Run: Function<[Pointer, Pointer, Pointer, Pointer, number, Pointer, number, Pointer], Status>;
  /** Text at an address that ONNX Runtime owns. */
  readText(address: Pointer): string;
}

const apiVersion = 22;

/** Index in the struct OrtApi, result, arguments. `p` is any pointer. */
const signatures = {
  GetErrorCode: [1, 'int', 'p'],
  GetErrorMessage: [2, 'str', 'p'],
  CreateSessionFromArray: [8, 'p', 'p p size_t p p'],
  Run: [9, 'p', 'p p p p size_t p size_t p'],
  CreateSessionOptions: [10, 'p', 'p'],
  SetIntraOpNumThreads: [24, 'p', 'p int'],
  SetInterOpNumThreads: [25, 'p', 'p int'],
  SessionGetInputCount: [30, 'p', 'p p'],
  SessionGetOutputCount: [31, 'p', 'p p'],
  SessionGetInputName: [36, 'p', 'p size_t p p'],
  SessionGetOutputName: [37, 'p', 'p size_t p p'],
  CreateRunOptions: [39, 'p', 'p'],
  RunOptionsSetTerminate: [46, 'p', 'p'],
  RunOptionsUnsetTerminate: [47, 'p', 'p'],
  CreateTensorWithDataAsOrtValue: [49, 'p', 'p p size_t p size_t int p'],
  CreateCpuMemoryInfo: [69, 'p', 'int int p'],
  AllocatorFree: [76, 'p', 'p p'],
  GetAllocatorWithDefaultOptions: [78, 'p', 'p'],
  ReleaseEnv: [92, 'void', 'p'],
  ReleaseStatus: [93, 'void', 'p'],
  ReleaseMemoryInfo: [94, 'void', 'p'],
  ReleaseSession: [95, 'void', 'p'],
  ReleaseValue: [96, 'void', 'p'],
  ReleaseRunOptions: [97, 'void', 'p'],
  ReleaseSessionOptions: [100, 'void', 'p'],
  CreateEnvWithGlobalThreadPools: [119, 'p', 'int str p p'],
  DisablePerSessionThreads: [120, 'p', 'p'],
  CreateThreadingOptions: [121, 'p', 'p'],
  ReleaseThreadingOptions: [122, 'void', 'p'],
  AddSessionConfigEntry: [130, 'p', 'p str str'],
  SetGlobalIntraOpNumThreads: [147, 'p', 'p int'],
  SetGlobalInterOpNumThreads: [148, 'p', 'p int'],
} as const;

let loaded: Promise<NativeApi> | undefined;

/**
 * Loads the library, once a process.
 * @throws RuntimeUnavailableError if FFI or the library cannot be loaded, or the library is older
 * than 1.22
 */
export function loadNativeApi(): Promise<NativeApi> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<NativeApi> {
  const file = findNativeLibrary();
  try {
    const { default: koffi } = await import('koffi');
    const pointer = 'void *';
    const typeOf = (name: string) => (name === 'p' ? pointer : name);
    const library = koffi.load(file);
    const base = library.func('OrtGetApiBase', pointer, [])();
    const [getApi, getVersion] = koffi.decode(base, pointer, 2) as Pointer[];
    const version = koffi.decode(getVersion, koffi.proto('str', []))() as string;
    const minor = Number(version.split('.')[1]);
    if (!version.startsWith('1.') || !(minor >= apiVersion))
      throw new Error(`the library is version ${version}; 1.${apiVersion} or later of 1 is needed`);
    const table = koffi.decode(getApi, koffi.proto(pointer, ['uint32']))(apiVersion) as Status;
    if (!table) throw new Error(`the library ${version} has no API of version ${apiVersion}`);
    const api: { [name: string]: unknown } = {
      version,
      // koffi unloads a library when its handle is collected, and the functions below do not refer
      // to it.
      library,
      address: (memory: ArrayBufferView) => BigInt(koffi.address(memory)),
      readText: (address: Pointer) => koffi.decode.string(address),
    };
    const pointerSize = koffi.sizeof(pointer);
    for (const [name, [index, result, parameters]] of Object.entries(signatures)) {
      const prototype = koffi.proto(typeOf(result), parameters.split(' ').map(typeOf));
      const address = koffi.decode(table, index * pointerSize, pointer) as Pointer;
      api[name] = koffi.decode(address, prototype);
    }
    return api as unknown as NativeApi;
  } catch (cause) {
    throw new RuntimeUnavailableError(
      `The native runtime could not be loaded from ${file}: ${(cause as Error).message}. Use { runtime: 'binding' }, or reinstall onnxruntime-node (1.23 or later) and koffi.${systemHint(cause)}`,
      { cause },
    );
  }
}
