import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { describe, expect, it } from 'vitest';
import { runtimes } from './goldens.test.support.js';
import { runProgram, tiny } from './process.test.support.js';

const decodeTiny = (options: string) => `{
  const decoder = await openDecoder(${tiny}, ${options});
  const sequence = await decoder.open();
  const { logits } = await sequence.forward({ ids: Int32Array.of(1, 2, 3) });
  console.log(decoder.inspect().runtime.kind, logits.length);
  await decoder.close();
}`;

describe('a process of its own', () => {
  it.each(runtimes)(
    'writes nothing under HOME: telemetry is off on the %s runtime',
    async (runtime) => {
      const home = mkdtempSync(path.join(os.tmpdir(), 'pliant-home-'));
      const { code, output, errors } = await runProgram(decodeTiny(`{ runtime: '${runtime}' }`), {
        env: { HOME: home, ORT_DISABLE_TELEMETRY: undefined },
      });
      expect({ code, output, errors }).toEqual({ code: 0, output: `${runtime} 512\n`, errors: '' });
      expect(readdirSync(home, { recursive: true })).toEqual([]);
      rmSync(home, { recursive: true });
    },
  );

  it.each(runtimes)('writes nothing under HOME from a worker either (%s)', async (runtime) => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'pliant-home-'));
    const program = `import { Worker } from 'node:worker_threads';
      const code = ${JSON.stringify(decodeTiny(`{ runtime: '${runtime}' }`))};
      const url = new URL('./dist/index.js', 'file://' + process.cwd() + '/');
      const source = 'import { openDecoder } from ' + JSON.stringify(url.href) + ';' + code;
      new Worker(new URL('data:text/javascript,' + encodeURIComponent(source)));`;
    const { code, output } = await runProgram(program, {
      env: { HOME: home, ORT_DISABLE_TELEMETRY: undefined },
    });
    expect({ code, output }).toEqual({ code: 0, output: `${runtime} 512\n` });
    expect(readdirSync(home, { recursive: true })).toEqual([]);
    rmSync(home, { recursive: true });
  });

  const libraries = ['@xenova/transformers', '@huggingface/transformers'] as const;
  describe.each(libraries)('beside %s', (library) => {
    const useTheirs = `{
      const { createRequire } = await import('node:module');
      const { realpathSync } = await import('node:fs');
      await import('${library}');
      const entry = createRequire(import.meta.url).resolve('${library}');
      const ort = createRequire(realpathSync(entry))('onnxruntime-node');
      const session = await ort.InferenceSession.create(${tiny} + '/onnx/model.onnx');
      console.log('theirs', session.outputNames[0]);
      await session.release();
    }`;
    it.each(runtimes)('runs on the %s runtime, loaded before or after', async (runtime) => {
      const ours = decodeTiny(`{ runtime: '${runtime}' }`);
      const [a, b] = [`${runtime} 512\n`, 'theirs logits\n'];
      const after = await runProgram(ours + useTheirs + ours);
      expect(after).toEqual({ code: 0, output: a + b + a, errors: '' });
      const before = await runProgram(useTheirs + ours + useTheirs);
      expect(before).toEqual({ code: 0, output: b + a + b, errors: '' });
    });
  });

  it('runs both runtimes side by side', async () => {
    const both = decodeTiny(`{ runtime: 'binding' }`) + decodeTiny(`{ runtime: 'native' }`);
    const { code, output } = await runProgram(both + both);
    expect({ code, output }).toEqual({
      code: 0,
      output: 'binding 512\nnative 512\nbinding 512\nnative 512\n',
    });
  });

  it('exits cleanly without close, at once in the middle of a prompt', async () => {
    const start = `const decoder = await openDecoder(${JSON.stringify(smollm2.folder)});
      const sequence = await decoder.open();
      const reading = sequence.forward({ ids: new Int32Array(2000).fill(7) });`;
    const exit = await runProgram(`${start} setTimeout(() => process.exit(3), 50);`);
    expect(exit).toEqual({ code: 3, output: '', errors: '' });
    const closed = await runProgram(`${start}
      setTimeout(() => decoder.close().then(() => console.log('closed')), 50);
      await reading.catch((error) => console.log(error.name));
      const open = await (await openDecoder(${tiny})).open();
      const stray = open.forward({ ids: new Int32Array(20).fill(7) });
      open.close();
      await stray.catch((error) => console.log('stray', error.name));`);
    expect(closed.code).toBe(0);
    expect(closed.errors).toBe('');
    expect(closed.output).toContain('stray StateError\n');
    expect(closed.output.replace('stray StateError\n', '')).toBe('StateError\nclosed\n');
  });

  it('warns about what was not closed, and frees it', async () => {
    const program = `{
      let warnings = 0;
      process.on('warning', () => warnings++);
      let decoder = await openDecoder(${tiny});
      let sequence = await decoder.open();
      await sequence.forward({ ids: Int32Array.of(1) });
      sequence = undefined;
      await collectUntil(1);
      console.log('sequence dropped', warnings);
      decoder = undefined;
      await collectUntil(2);
      async function collectUntil(count) {
        for (let i = 0; i < 50 && warnings < count; i++) {
          gc();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    }`;
    const { code, output, errors } = await runProgram(program, { flags: ['--expose-gc'] });
    expect(code).toBe(0);
    expect(output).toBe('sequence dropped 1\n');
    expect(errors).toMatch(/PLIANT_SEQUENCE_NOT_CLOSED.*a sequence was dropped without close/);
    expect(errors).toMatch(/PLIANT_DECODER_NOT_CLOSED.*decoder 'tiny-llama' was dropped/);
  });
});
