import type { JsonObject } from '../schema/json-object.js';

/** A zod schema of any version; what it says is in its view. */
export type ZodSchema = object;

export interface Member {
  readonly schema: ZodSchema;
  readonly isRequired: boolean;
}

/** A zod schema in the same words for zod 3 and zod 4. */
export type View =
  /** Says the same as another schema. */
  | { readonly type: 'same'; readonly as: ZodSchema }
  | { readonly type: 'lazy'; readonly getter: () => ZodSchema }
  /** Numbers, strings, literals and the like. */
  | { readonly type: 'scalar'; readonly schema: JsonObject }
  | { readonly type: 'anything' }
  | { readonly type: 'nullable'; readonly inner: ZodSchema }
  | {
      readonly type: 'union';
      readonly options: readonly ZodSchema[];
      readonly isExclusive: boolean;
    }
  | IntersectionView
  | ObjectView
  | RecordView
  | {
      readonly type: 'array';
      /** The schemas of the first items, one each. */
      readonly first: readonly ZodSchema[];
      /** The schema of all further items; undefined if there are none. */
      readonly rest: ZodSchema | undefined;
      readonly least: number;
      readonly most: number;
    }
  /** JSON has no such value. */
  | { readonly type: 'refused'; readonly what: string };

export interface ObjectView {
  readonly type: 'object';
  readonly members: ReadonlyMap<string, Member>;
  /** The schema of other members, or what becomes of them. */
  readonly others: 'stripped' | 'refused' | ZodSchema;
}

export interface IntersectionView {
  readonly type: 'intersection';
  readonly left: ZodSchema;
  readonly right: ZodSchema;
  /**
   * Whether objects that refuse other members take those of the other part, and records names that
   * do not fit.
   */
  readonly sharesMembers: boolean;
  readonly sharesNames: boolean;
}

export interface RecordView {
  readonly type: 'record';
  readonly names: ZodSchema;
  readonly values: ZodSchema;
  /** Whether it has a member of a name. */
  readonly has: (name: string) => boolean;
  /** Members whose names do not fit are kept as they are. */
  readonly isLoose: boolean;
}

/** Takes any value. */
export const anything: ZodSchema = Object.freeze({});
