import { anything, type ZodSchema } from './view.js';
import type { Views } from './views.js';

/** Another part of an intersection: it judges the same value. */
export interface Part {
  readonly schema: ZodSchema;
  /** Rules that an intersection relaxes for its parts, but not for members below. */
  readonly sharesMembers: boolean;
  readonly sharesNames: boolean;
}

/** The other parts of the intersections that a value is in, in the order of the schema. */
export interface Beside {
  readonly before: readonly Part[];
  readonly after: readonly Part[];
}

export const nothingBeside: Beside = { before: [], after: [] };

/** Members that a schema takes and keeps. */
export interface KnownNames {
  readonly names: ReadonlySet<string>;
  /** For members of any name. */
  readonly isOpen: boolean;
}

export function knownNames(views: Views, schemas: readonly ZodSchema[]): KnownNames {
  const names = new Set<string>();
  let isOpen = false;
  for (const schema of views.alternatives(schemas)) {
    const view = views.of(schema);
    if (view.type === 'object') for (const name of view.members.keys()) names.add(name);
    isOpen ||=
      view.type === 'anything' ||
      view.type === 'record' ||
      (view.type === 'object' && typeof view.others === 'object');
  }
  return { names, isOpen };
}

/** The other schemas that judge the member of a name; without a name, those of unlisted members. */
export function besideMember(views: Views, beside: Beside, name?: string): Beside {
  return below(beside, (schema) =>
    views.alternatives([schema]).flatMap((part) => {
      const view = views.of(part);
      if (view.type === 'anything') return [anything];
      if (view.type === 'record') return [view.values];
      if (view.type !== 'object') return [];
      const member = name === undefined ? undefined : view.members.get(name);
      if (member) return [member.schema];
      return typeof view.others === 'object' ? [view.others] : [];
    }),
  );
}

/**
 * The other schemas that judge an item; without an index, the items after those with their own
 * schema.
 */
export function besideItem(views: Views, beside: Beside, index?: number): Beside {
  return below(beside, (schema) =>
    views.alternatives([schema]).flatMap((part) => {
      const view = views.of(part);
      if (view.type === 'anything') return [anything];
      if (view.type !== 'array') return [];
      if (index === undefined) return [...view.first, ...(view.rest ? [view.rest] : [])];
      return view.first[index] ?? view.rest ?? [];
    }),
  );
}

function below(beside: Beside, of: (schema: ZodSchema) => ZodSchema[]): Beside {
  const parts = (list: readonly Part[]) =>
    [...new Set(list.flatMap(({ schema }) => of(schema)))].map((schema) => ({
      schema,
      sharesMembers: false,
      sharesNames: false,
    }));
  return { before: parts(beside.before), after: parts(beside.after) };
}
