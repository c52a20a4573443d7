import { anything, type View, type ZodSchema } from './view.js';

/** The views of schemas, each made once, so that a lazy schema is one schema. */
export class Views {
  readonly #views = new Map<ZodSchema, View>();
  readonly #lazies = new Map<() => ZodSchema, ZodSchema>();
  readonly #ids = new Map<ZodSchema, number>();

  /** @param viewOf of schemas of one zod version */
  constructor(readonly viewOf: (schema: ZodSchema) => View) {}

  of(schema: ZodSchema): View {
    const known = this.#views.get(schema);
    if (known) return known;
    const view = this.#resolved(schema);
    this.#views.set(schema, view);
    return view;
  }

  /** The schemas that say what schemas say together, in alternatives or at once; none twice. */
  alternatives(schemas: readonly ZodSchema[]): ZodSchema[] {
    const found = new Set<ZodSchema>();
    const waiting = [...schemas];
    for (let at = 0; at < waiting.length; at++) {
      const schema = waiting[at];
      if (found.has(schema)) continue;
      found.add(schema);
      const view = this.of(schema);
      if (view.type === 'same') waiting.push(view.as);
      else if (view.type === 'nullable') waiting.push(view.inner);
      else if (view.type === 'union') waiting.push(...view.options);
      else if (view.type === 'intersection') waiting.push(view.left, view.right);
    }
    return [...found];
  }

  id(schema: ZodSchema): number {
    const known = this.#ids.get(schema);
    if (known !== undefined) return known;
    this.#ids.set(schema, this.#ids.size);
    return this.#ids.size - 1;
  }

  #resolved(schema: ZodSchema): View {
    if (schema === anything) return { type: 'anything' };
    const view = this.viewOf(schema);
    if (view.type !== 'lazy') return view;
    const known = this.#lazies.get(view.getter) ?? view.getter();
    this.#lazies.set(view.getter, known);
    return { type: 'same', as: known };
  }
}
