import type { Capability } from '../../contract/capability.js';
import { MissingCapabilityError } from '../../contract/errors.js';

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
