/** Definitions of zod 4, of any minor version. */
export interface Zod4Definition {
  readonly type: string;
  readonly [name: string]: unknown;
}

/** A check of a zod 4 schema; `own`: the check itself, for what only its class says. */
export type Zod4Check = Zod4Definition & { readonly check: string; readonly own: unknown };
