import { PresetError } from '@pliant/presets';

/** Wrong use of the command line: exit code 2. */
export class UsageError extends Error {}

/** Runs what reads the command line's stack. @throws UsageError in the place of a PresetError */
export function asUsage<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (PresetError.isInstance(error)) throw new UsageError(error.message);
    throw error;
  }
}
