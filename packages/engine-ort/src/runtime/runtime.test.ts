import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { StateError } from '@pliant/core';
import { fixturePath } from '@pliant/fixtures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RuntimeError, RuntimeUnavailableError } from '../errors.js';
import { runtimes } from '../goldens.test.support.js';
import { openRuntime } from './open-runtime.js';
import type { Runtime, Tensors } from './runtime.js';

const graph = readFileSync(fixturePath('models/tiny-llama/onnx/model.onnx'));
const opened: Runtime[] = [];
afterEach(() => {
  for (const runtime of opened.splice(0)) runtime.close();
});

async function open(runtime: 'native' | 'binding'): Promise<Runtime> {
  const found = await openRuntime({ runtime, threads: 1, telemetry: false });
  opened.push(found.runtime);
  return found.runtime;
}

/** Inputs of the unedited graph for two tokens, with a cache of `rows` rows. */
function inputsFor(runtime: Runtime, ids: BigInt64Array, rows: number): Tensors {
  const cache = Array.from({ length: 8 }, (_, i) => [
    `past_key_values.${i >> 1}.${i % 2 ? 'value' : 'key'}`,
    runtime.tensor(new Float32Array(2 * rows * 16), [1, 2, rows, 16]),
  ]);
  return {
    input_ids: runtime.tensor(ids, [1, ids.length]),
    attention_mask: runtime.tensor(new BigInt64Array(2).fill(1n), [1, 2]),
    ...Object.fromEntries(cache),
  };
}

describe.each(runtimes)('the %s runtime', (kind) => {
  it('runs a graph into memory that the caller owns, as often as wanted', async () => {
    const runtime = await open(kind);
    expect(runtime.version).toMatch(/^1\.\d+\.\d+$/);
    const session = await runtime.load(graph, { threads: 1 });
    expect(session.inputNames).toContain('attention_mask');
    expect(session.outputNames).toContain('logits');
    const ids = BigInt64Array.of(5n, 6n);
    const logits = new Float32Array(2 * 512);
    const inputs = inputsFor(runtime, ids, 2);
    const run = session.prepare(inputs, { logits: runtime.tensor(logits, [1, 2, 512]) });
    await session.run(run);
    const first = logits.slice();
    ids.set([7n, 8n]);
    await session.run(run);
    expect(logits).not.toEqual(first);
    ids.set([5n, 6n]);
    await session.run(run);
    expect(logits).toEqual(first);
    await session.close();
    await session.close();
    await expect(session.run(run)).rejects.toBeInstanceOf(StateError);
  });

  it('refuses shapes that do not fit, before and in the run', async () => {
    const runtime = await open(kind);
    for (const dims of [[3], [2, -1], [1.5], []])
      expect(() => runtime.tensor(new Float32Array(2), dims)).toThrow(RangeError);
    const session = await runtime.load(graph, { threads: 1 });
    const inputs = inputsFor(runtime, BigInt64Array.of(5n, 6n), 2);
    const logits = runtime.tensor(new Float32Array(2 * 512), [1, 2, 512]);
    const { input_ids: _, ...incomplete } = inputs;
    expect(() => session.prepare(incomplete, { logits })).toThrow(StateError);
    const flat = { ...inputs, input_ids: runtime.tensor(BigInt64Array.of(5n, 6n), [2]) };
    await expect(session.run(session.prepare(flat, { logits }))).rejects.toBeInstanceOf(
      RuntimeError,
    );
    const float = { ...inputs, input_ids: runtime.tensor(new Float32Array(2), [1, 2]) };
    await expect(session.run(session.prepare(float, { logits }))).rejects.toBeInstanceOf(
      RuntimeError,
    );
    await session.run(session.prepare(inputs, { logits }));
    await session.close();
  });

  it('refuses what is no graph', async () => {
    const runtime = await open(kind);
    const garbage = new TextEncoder().encode('no model at all');
    await expect(runtime.load(garbage, { threads: 1 })).rejects.toBeInstanceOf(RuntimeError);
  });
});

describe('openRuntime', () => {
  it('falls back to the binding where FFI cannot be loaded, and says why', async () => {
    vi.resetModules();
    vi.doMock('koffi', () => {
      throw new Error('no FFI here');
    });
    const warnings: string[] = [];
    const listen = ({ name, message }: Error) => {
      if (name === 'PliantWarning') warnings.push(message);
    };
    process.on('warning', listen);
    const { openRuntime: openAnew } = await import('./open-runtime.js');
    for (let time = 0; time < 2; time++) {
      const { runtime, reason } = await openAnew({ threads: 1, telemetry: false });
      expect(runtime.kind).toBe('binding');
      expect(reason).toMatch(/^fallback: The native runtime could not be loaded/);
      runtime.close();
    }
    await new Promise(setImmediate);
    process.off('warning', listen);
    expect(warnings).toEqual([expect.stringMatching(/blocks the event loop.*could not be loaded/)]);
    await expect(openAnew({ runtime: 'native', threads: 1, telemetry: false })).rejects.toSatisfy(
      (error) => RuntimeUnavailableError.isInstance(error),
    );
    vi.doUnmock('koffi');
    vi.resetModules();
  });

  it('refuses the binding where its typed arrays would be refused, as under jest', async () => {
    vi.stubGlobal('Float32Array', runInNewContext('Float32Array'));
    const refused = await openRuntime({ runtime: 'binding', threads: 1, telemetry: false }).catch(
      (error: Error) => error,
    );
    vi.unstubAllGlobals();
    expect(RuntimeUnavailableError.isInstance(refused)).toBe(true);
    expect((refused as Error).message).toMatch(/jest.*runtime: 'native'/);
  });
});
