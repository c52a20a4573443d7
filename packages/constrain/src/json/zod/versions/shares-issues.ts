import type { z } from 'zod/v4';

/** A part of an intersection that only has something to say against a member. */
interface Part {
  readonly _zod: { run(payload: Payload): Payload };
}

interface Payload {
  readonly value: unknown;
  readonly issues: object[];
}

/**
 * What the zod version that made an intersection (4.3 or later, and 4.5 or later, it seems)
 * forgives one part where the other has no issue, asked of the intersection's own class.
 */
export function sharesIssues(schema: z.core.$ZodType): {
  sharesMembers: boolean;
  sharesNames: boolean;
} {
  const Class = schema._zod.constr as unknown as new (definition: object) => Part;
  const forgives = (issue: object) => {
    const left = { _zod: { run: (payload: Payload) => ({ ...payload, issues: [issue] }) } };
    const right = { _zod: { run: (payload: Payload) => payload } };
    const intersection = new Class({ type: 'intersection', left, right });
    return intersection._zod.run({ value: {}, issues: [] }).issues.length === 0;
  };
  return {
    sharesMembers: forgives({ code: 'unrecognized_keys', keys: ['a'], path: [] }),
    sharesNames: forgives({ code: 'invalid_key', origin: 'record', path: ['a'] }),
  };
}
