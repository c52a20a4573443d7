import type { Capability } from '../contract/capability.js';
import type { Decoder } from '../contract/decoder.js';
import { MissingCapabilityError } from '../contract/errors.js';

/** @param user named in the error: the middleware or the call that needs it. @throws MissingCapabilityError */
export function requireCapability(decoder: Decoder, capability: Capability, user: string): void {
  if (!decoder.capabilities.has(capability))
    throw new MissingCapabilityError(
      user,
      capability,
      decoder.id,
      decoder.missing?.[capability] ?? 'Use a decoder that has it.',
    );
}
