import type { z } from 'zod/v4';

/** One kind of evidence: the capability that it needs, how it is asked for, and what comes back. */
export interface Evidence<Capability extends string, Want, Gives> {
  readonly capability: Capability;
  readonly want: Want;
  readonly gives: Gives;
}

/** A chunk of a prefill. */
export interface Chunk {
  readonly tokens: number;
  readonly isLast: boolean;
}

/** The forward that a request is checked against. */
export interface EvidenceForward {
  /** New tokens. */
  readonly tokens: number;
  /** Layers of the decoder. */
  readonly layers: number;
  /** Makes the error for a wrong value. */
  refuse(path: string, message: string): Error;
}

/** Tells the pipeline how to handle one kind of evidence. */
export interface EvidenceRow<Kind extends Evidence<string, unknown, unknown>> {
  readonly capability: Kind['capability'];
  /** Noun for error messages: a model without the capability "returns no ...". */
  readonly noun: string;
  readonly schema: z.ZodType<Kind['want']>;
  /** False for a request that asks for nothing. */
  isWanted(want: Kind['want'] | undefined): boolean;
  /**
   * Refuses what the schema cannot see.
   * @param path of the request, in errors
   */
  check?(want: Kind['want'], path: string, forward: EvidenceForward): void;
  /** The part of a prefill's request that one chunk is asked for. Undefined: nothing. */
  inChunk(want: Kind['want'], chunk: Chunk): Kind['want'] | undefined;
  /** Tokens that the last chunk of a prefill must have. Default 1. */
  rowsOfLastChunk?(want: Kind['want']): number;
  /**
   * Pools what two forwards gave.
   * @param share of the tokens of both that are `next`'s: above 0, at most 1
   */
  pool(before: Kind['gives'] | undefined, next: Kind['gives'], share: number): Kind['gives'];
}
