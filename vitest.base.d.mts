import type { UserConfig } from 'vitest/config';

export interface VitestOptions {
  /**
   * Milliseconds that a test or a hook may take. Default 60 000; a single test that needs more says
   * so itself.
   */
  readonly testTimeout?: number;
  /** Whether each file has modules of its own. Default true; false is faster. */
  readonly isolate?: boolean;
  /** Whether files run side by side. Default true; false if each holds a model in memory. */
  readonly fileParallelism?: boolean;
}

export function vitestConfig(options?: VitestOptions): UserConfig;
