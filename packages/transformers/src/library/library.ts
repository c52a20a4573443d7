import { LibraryError } from '../base/errors.js';

export type LibraryName = '@xenova/transformers' | '@huggingface/transformers';

/** The part of the libraries' tokenizers that is used; the same in v2, v3 and v4. */
export interface LibraryTokenizer {
  encode(text: string): (number | null | undefined)[];
}

export type TokenizerClass = new (tokenizerJson: object, config: object) => LibraryTokenizer;

/** The part of the libraries' `env` that is used. */
export interface LibraryEnvironment {
  readonly version: string;
  readonly allowRemoteModels: boolean;
  readonly remoteHost: string;
  readonly remotePathTemplate: string;
  readonly cacheDir: string | null;
  readonly fetch?: typeof fetch;
}

export interface Library {
  readonly name: LibraryName;
  /** The exported classes by name. */
  readonly classes: Readonly<Record<string, unknown>> & { PreTrainedTokenizer: TokenizerClass };
  environment(): Promise<LibraryEnvironment>;
}

type Module = Readonly<Record<string, unknown>>;

const install =
  "install one of '@xenova/transformers' (2.17) and '@huggingface/transformers' (3 or 4), or hand the imported module in as `library`";

/**
 * The module handed in, or else whichever of the two packages is installed, the newer one first.
 * Importing never starts the telemetry of onnxruntime 1.29 and later unless `ORT_DISABLE_TELEMETRY`
 * is set to `'0'`.
 * @throws LibraryError when there is none
 */
export async function loadLibrary(handedIn?: object): Promise<Library> {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  if (handedIn) return fromModule(handedIn as Module);
  const problems: unknown[] = [];
  for (const load of [loadHuggingFace, loadXenova])
    try {
      return await load();
    } catch (error) {
      problems.push(error);
    }
  const reasons = problems.map((error) => (error instanceof Error ? error.message : String(error)));
  throw new LibraryError(`no transformers.js could be imported: ${install}. ${reasons.join(' ')}`, {
    cause: new AggregateError(problems),
  });
}

/**
 * Only the module of the tokenizers: it imports in half the time of the whole package and without
 * sharp.
 */
async function loadXenova(): Promise<Library> {
  const classes = await importModule('@xenova/transformers/src/tokenizers.js');
  return {
    name: '@xenova/transformers',
    classes: checkClasses(classes),
    environment: async () =>
      checkEnvironment((await importModule('@xenova/transformers/src/env.js')).env),
  };
}

async function loadHuggingFace(): Promise<Library> {
  return fromModule(await importModule('@huggingface/transformers'));
}

/** A name held in a variable, so that neither compilers nor bundlers need the package. */
async function importModule(name: string): Promise<Module> {
  return (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as Module;
}

function fromModule(module: Module): Library {
  const environment = checkEnvironment(module.env);
  const name = environment.version.startsWith('2.')
    ? '@xenova/transformers'
    : '@huggingface/transformers';
  return { name, classes: checkClasses(module), environment: async () => environment };
}

function checkClasses(module: Module): Library['classes'] {
  if (typeof module.PreTrainedTokenizer !== 'function')
    throw new LibraryError(`the module exports no PreTrainedTokenizer: ${install}`);
  return module as Library['classes'];
}

function checkEnvironment(env: unknown): LibraryEnvironment {
  if (typeof (env as Partial<LibraryEnvironment> | undefined)?.version !== 'string')
    throw new LibraryError(`the module exports no env.version: ${install}`);
  return env as LibraryEnvironment;
}
