import type { Capability } from '../capability.js';
import { MissingCapabilityError } from '../errors.js';

export function refuseMissing(
  has: ReadonlySet<Capability>,
  capability: Capability,
  user: string,
): void {
  if (!has.has(capability))
    throw new MissingCapabilityError(
      user,
      capability,
      'mock',
      `Make the mock decoder with '${capability}' among its capabilities.`,
    );
}
