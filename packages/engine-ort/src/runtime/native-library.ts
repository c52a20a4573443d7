import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { RuntimeUnavailableError } from '../errors.js';

/**
 * The ONNX Runtime library inside the onnxruntime-node package.
 * @throws RuntimeUnavailableError where the package or a library for this platform is missing
 */
export function findNativeLibrary(): string {
  const require = createRequire(import.meta.url);
  let root: string;
  try {
    root = path.dirname(require.resolve('onnxruntime-node/package.json'));
  } catch (cause) {
    throw new RuntimeUnavailableError(
      'The package onnxruntime-node was not found. Install it: npm install onnxruntime-node',
      { cause },
    );
  }
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
