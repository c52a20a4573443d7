import type { Capability } from '../contract/capability.js';
import type { Decoder } from '../contract/decoder.js';
import { MissingCapabilityError } from '../contract/errors.js';

/**
 * Refuses a decoder that lacks a capability.
 * @param user named in the error: the middleware or the call that needs it
 * @param wayOut ends the message if the decoder itself does not say why it lacks the capability
 * @throws MissingCapabilityError
 */
export function requireCapability(
  decoder: Decoder,
  capability: Capability,
  user: string,
  wayOut = 'Use a decoder that has it.',
): void {
  if (!decoder.capabilities.has(capability))
    throw new MissingCapabilityError(
      user,
      capability,
      decoder.id,
      decoder.missing?.[capability] ?? wayOut,
    );
}
