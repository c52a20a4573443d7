import { vitestConfig } from '../../vitest.base.mjs';

// The tests run the embedded model.
export default vitestConfig({ testTimeout: 300_000 });
