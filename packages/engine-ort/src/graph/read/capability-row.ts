import type { Capability } from '@pliant/core';

/** A row of the capability table. */
export interface CapabilityRow {
  readonly capability: Capability;
  readonly available: boolean;
  /** Why it is missing, and the way out. */
  readonly reason?: string;
}
