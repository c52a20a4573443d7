import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installInto } from '../packages/consumer.js';

const execute = promisify(execFile);

const bundlers = ['esbuild@0.28.1', 'webpack@5.113.0'];

/** As the READMEs say. */
const external = ['koffi', 'onnxruntime-node', '@huggingface/transformers', '@xenova/transformers'];

const app = `
import { pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
const main = async () => {
  const decoder = await openDecoder(smollm2, { threads: 1, runtime: process.env.RUNTIME });
  const stack = pipeline(decoder, { tokenizer: await openTokenizer(smollm2) });
  const { text } = await stack.generate({ text: 'Once upon a time' }, { maxNewTokens: 2 });
  await decoder.close();
  if (!text) throw new Error('no text');
};
main();
`;

/**
 * Bundles a program in a project where the packages are installed, by each bundler, and runs it.
 */
export async function checkBundles(folder: string): Promise<string[]> {
  await installInto(folder, bundlers);
  writeFileSync(join(folder, 'app.mjs'), app);
  writeFileSync(join(folder, 'bundle.mjs'), build);
  const problems: string[] = [];
  const run = async (file: string, runtime?: string) => {
    const env = { ...process.env, ...(runtime && { RUNTIME: runtime }) };
    await execute(process.execPath, [join(folder, file)], { cwd: folder, env }).catch((error) =>
      problems.push(`${file} ${runtime ?? ''}: ${(error as { stderr?: string }).stderr ?? error}`),
    );
  };
  await run('bundle.mjs');
  await run('esbuild.mjs');
  await run('esbuild.cjs');
  await run('esbuild.cjs', 'binding');
  await run('webpack.cjs');
  return problems;
}

const build = `
import { build } from 'esbuild';
import webpack from 'webpack';
const external = ${JSON.stringify(external)};
const require = "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";
const options = { entryPoints: ['app.mjs'], bundle: true, platform: 'node', logLevel: 'error', logOverride: { 'empty-import-meta': 'silent' }, external };
await build({ ...options, format: 'esm', outfile: 'esbuild.mjs', banner: { js: require } });
await build({ ...options, format: 'cjs', outfile: 'esbuild.cjs' });
await new Promise((resolve, reject) =>
  webpack(
    {
      mode: 'development',
      devtool: false,
      target: 'node20',
      entry: './app.mjs',
      output: { path: process.cwd(), filename: 'webpack.cjs' },
      externals: Object.fromEntries(external.map((name) => [name, 'commonjs ' + name])),
    },
    (error, stats) => (error || stats.hasErrors() ? reject(error ?? new Error(stats.toString('errors-only'))) : resolve()),
  ),
);
`;
