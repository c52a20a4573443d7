import { z } from 'zod/v4';
import { parseOptions } from '../../checks/parse-options.js';
import { allCapabilities, type Capability } from '../../contract/capability.js';

export interface MockDecoderOptions<Have extends Capability = Capability> {
  /** Capabilities of the decoder. Default: all. */
  readonly capabilities?: readonly Have[];
  /** Seed of the weights. Default 0. */
  readonly seed?: number;
  /** 2 or more. Default 4. */
  readonly layers?: number;
  /** The context length. Default 4,096. */
  readonly maxPositions?: number;
  /**
   * The forward that throws, counted from 1 over the life of the decoder and its drafts (a batch is
   * one). Default: none.
   */
  readonly failAt?: number;
  /**
   * Milliseconds that every forward waits before it computes; an abort ends the wait. Default 0.
   */
  readonly delay?: number;
}

const schema = z.strictObject({
  capabilities: z.array(z.enum(allCapabilities)).readonly().default(allCapabilities),
  seed: z.int().default(0),
  layers: z.int().min(2).max(64).default(4),
  maxPositions: z.int().min(1).default(4096),
  failAt: z.int().min(1).optional(),
  delay: z.number().min(0).default(0),
});

export const parseMockOptions = (options: object) => parseOptions('mockDecoder', schema, options);

export const parseDraftOptions = (options: object, layers: number) =>
  parseOptions(
    'mockDecoder, draft',
    z.strictObject({ layers: z.int().min(1).max(layers) }),
    options,
  );
