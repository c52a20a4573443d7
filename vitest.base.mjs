import { defineConfig } from 'vitest/config';

/** What every package's vitest.config.ts exports. */
export function vitestConfig({ testTimeout = 60_000, ...options } = {}) {
  return defineConfig({
    // Other packages' sources, not what was last built of them.
    ssr: { resolve: { conditions: ['@pliant/source', 'node', 'import'] } },
    test: { include: ['src/**/*.test.ts'], testTimeout, hookTimeout: testTimeout, ...options },
  });
}
