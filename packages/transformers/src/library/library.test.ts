import { afterEach, describe, expect, it, vi } from 'vitest';
import { LibraryError } from '../base/errors.js';
import { loadLibrary } from './library.js';

function uninstall(name: string): void {
  vi.doMock(name, () => {
    throw new Error(`Cannot find package '${name}'`);
  });
}

afterEach(() => {
  vi.doUnmock('@xenova/transformers/src/tokenizers.js');
  vi.doUnmock('@huggingface/transformers');
  vi.unstubAllEnvs();
});

describe('loadLibrary', () => {
  it('takes the next library where the first is not installed', async () => {
    expect((await loadLibrary()).name).toBe('@huggingface/transformers');
    uninstall('@huggingface/transformers');
    expect((await loadLibrary()).name).toBe('@xenova/transformers');
  });

  it('names both packages where none is installed', async () => {
    uninstall('@xenova/transformers/src/tokenizers.js');
    uninstall('@huggingface/transformers');
    await expect(loadLibrary()).rejects.toThrow(LibraryError);
    await expect(loadLibrary()).rejects.toThrow(
      /install one of '@xenova\/transformers' .* and '@huggingface\/transformers'/,
    );
  });

  it('prefers the module handed in', async () => {
    const library = await loadLibrary(await import('@huggingface/transformers'));
    expect(library.name).toBe('@huggingface/transformers');
    expect((await library.environment()).version).toMatch(/^4\./);
  });

  it('leaves the telemetry setting of the user alone', async () => {
    vi.stubEnv('ORT_DISABLE_TELEMETRY', '0');
    await loadLibrary();
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe('0');
  });
});
