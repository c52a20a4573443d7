import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { RuntimeUnavailableError } from '../errors.js';

/**
 * Finds the ONNX Runtime library inside the onnxruntime-node package.
 * @throws RuntimeUnavailableError if the package or a library for this platform is missing
 */
export function findNativeLibrary(): string {
  const root = findPackage();
  const bin = path.join(root, 'bin');
  const name =
    process.platform === 'win32'
      ? /^onnxruntime\.dll$/
      : process.platform === 'darwin'
        ? /^libonnxruntime\.\d+\.dylib$/
        : /^libonnxruntime\.so\.\d+$/;
  for (const api of existsSync(bin) ? readdirSync(bin) : []) {
    const folder = path.join(bin, api, process.platform, process.arch);
    const file = existsSync(folder) && readdirSync(folder).find((entry) => name.test(entry));
    if (file) return path.join(folder, file);
  }
  throw new RuntimeUnavailableError(
    `onnxruntime-node in ${root} has no library for ${process.platform} ${process.arch}.`,
  );
}

/** The folder of onnxruntime-node. */
function findPackage(): string {
  const problems: unknown[] = [];
  for (const base of bases())
    try {
      return path.dirname(createRequire(base).resolve('onnxruntime-node/package.json'));
    } catch (error) {
      problems.push(error);
    }
  throw new RuntimeUnavailableError(
    'The package onnxruntime-node was not found. Install it: npm install onnxruntime-node. A bundler has to leave it and koffi external, and they have to be installed where the bundle runs.',
    { cause: new AggregateError(problems) },
  );
}

/**
 * Files whose packages may be the right ones. A bundled module does not know its place:
 * `import.meta.url` is missing in CommonJS (esbuild), or names a file of the machine that built the
 * bundle (webpack).
 */
function bases(): string[] {
  const own: string | undefined = import.meta.url;
  const bundle = typeof __filename === 'string' ? __filename : undefined;
  const program = process.argv[1];
  return [own, bundle, program, path.join(process.cwd(), 'index.js')].filter(
    (base) => base !== undefined && (base.startsWith('file:') || path.isAbsolute(base)),
  ) as string[];
}
