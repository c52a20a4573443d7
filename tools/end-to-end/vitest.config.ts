import { vitestConfig } from '../../vitest.base.mjs';

// One file at a time: each holds the model in memory.
export default vitestConfig({ testTimeout: 300_000, fileParallelism: false });
