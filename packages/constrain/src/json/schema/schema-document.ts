import { escapeName, isObject, type JsonObject } from './json-object.js';
import { type Draft, type Place, placeBelow } from './keywords.js';
import { SchemaError } from './schema-error.js';

/** A schema that is an object, at its place. */
export interface SchemaNode {
  readonly id: number;
  readonly schema: JsonObject;
  /** JSON pointer from the root. */
  readonly pointer: string;
  /** URI that references inside are relative to. */
  readonly base: string;
  readonly draft: Draft;
}

/** The URI of a document without `$id`. */
const nowhere = 'schema:///';
const maxDepth = 300;
const maxObjects = 100_000;

/** A schema with what can be referred to in it. */
export class SchemaDocument {
  readonly root: SchemaNode | boolean;
  readonly #nodes = new Map<unknown, SchemaNode>();
  readonly #byUri = new Map<string, SchemaNode | boolean>();
  #objects = 0;

  /** @throws SchemaError if it is not a schema, or nested too deep, or too large */
  constructor(schema: unknown) {
    const root = this.#add(schema, '', nowhere, 2020);
    if (root === undefined) throw new SchemaError('', 'a schema is an object, true or false');
    this.root = root;
    this.#byUri.set(nowhere, root);
    if (typeof root === 'object') this.#scan(schema, 'schema', '', nowhere, 2020, 0);
  }

  /** The schema below a keyword of `node`. */
  child(node: SchemaNode, ...path: readonly (string | number)[]): SchemaNode | boolean {
    let value: unknown = node.schema;
    let pointer = node.pointer;
    for (const name of path) {
      value = (value as JsonObject)[name];
      pointer += `/${escapeName(String(name))}`;
    }
    const child = this.#add(value, pointer, node.base, node.draft);
    if (child === undefined)
      throw new SchemaError(pointer, 'must be a schema: an object, true or false');
    return child;
  }

  /** A schema that stands nowhere in the document. */
  synthetic(schema: JsonObject, node: SchemaNode): SchemaNode {
    return this.#add(schema, node.pointer, node.base, 2020) as SchemaNode;
  }

  /**
   * @param keyword that refers
   * @throws SchemaError if nothing stands there
   */
  resolve(node: SchemaNode, reference: string, keyword = '$ref'): SchemaNode | boolean {
    const pointer = `${node.pointer}/${keyword}`;
    const uri = absolute(reference, node.base);
    const hash = uri?.indexOf('#') ?? -1;
    const resource = uri && hash >= 0 ? uri.slice(0, hash) : uri;
    const fragment = uri && hash >= 0 ? decodeFragment(uri.slice(hash + 1)) : '';
    const root = resource === undefined ? undefined : this.#byUri.get(resource);
    let target: SchemaNode | boolean | undefined = root;
    if (fragment?.startsWith('/') && typeof root === 'object')
      target = this.#follow(root, fragment);
    else if (fragment !== '') target = this.#byUri.get(`${resource}#${fragment}`);
    if (target !== undefined) return target;
    throw new SchemaError(
      pointer,
      `'${reference}' is not in the schema. Put what it refers to under $defs; other documents are not loaded`,
    );
  }

  /** Schemas that have a URI and a keyword of the value, by the URI of their resource. */
  anchored(keyword: string, value: unknown): ReadonlyMap<string, SchemaNode> {
    const anchored = new Map<string, SchemaNode>();
    for (const node of this.#byUri.values())
      if (typeof node === 'object' && node.schema[keyword] === value) anchored.set(node.base, node);
    return anchored;
  }

  #follow(root: SchemaNode, fragment: string): SchemaNode | boolean | undefined {
    let value: unknown = root.schema;
    let { pointer, base, draft } = root;
    for (const part of fragment.slice(1).split('/')) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
        return undefined;
      value = (value as JsonObject)[name];
      pointer += `/${escapeName(name)}`;
      ({ base, draft } = inner(value, base, draft));
    }
    return this.#add(value, pointer, base, draft);
  }

  #add(
    schema: unknown,
    pointer: string,
    outerBase: string,
    outerDraft: Draft,
  ): SchemaNode | boolean | undefined {
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) return undefined;
    const known = this.#nodes.get(schema);
    if (known) return known;
    const node = { id: this.#nodes.size, schema, pointer, ...inner(schema, outerBase, outerDraft) };
    this.#nodes.set(schema, node);
    return node;
  }

  /** Finds what has a name. */
  #scan(
    value: unknown,
    place: Place,
    pointer: string,
    outerBase: string,
    outerDraft: Draft,
    depth: number,
  ) {
    if (typeof value !== 'object' || value === null || place === 'data' || place === 'note') return;
    if (depth > maxDepth)
      throw new SchemaError(pointer, `nested deeper than ${maxDepth}. Use $ref`);
    if (++this.#objects > maxObjects)
      throw new SchemaError('', `more than ${maxObjects} objects and arrays. Split the schema`);
    const { base, draft } = isObject(value)
      ? inner(value, outerBase, outerDraft)
      : { base: outerBase, draft: outerDraft };
    if (isObject(value)) this.#addNames(value, pointer, outerBase, outerDraft);
    for (const [name, below] of Object.entries(value))
      if (typeof below === 'object')
        this.#scan(
          below,
          placeBelow(place, name),
          `${pointer}/${escapeName(name)}`,
          base,
          draft,
          depth + 1,
        );
  }

  #addNames(schema: JsonObject, pointer: string, outerBase: string, outerDraft: Draft) {
    const { base, draft } = inner(schema, outerBase, outerDraft);
    const names = [schema.$anchor, schema.$dynamicAnchor].filter(
      (name) => typeof name === 'string',
    );
    const identifier = draft === 4 ? schema.id : schema.$id;
    if (draft < 2019 && typeof identifier === 'string' && identifier.startsWith('#'))
      names.push(identifier.slice(1));
    if (base === outerBase && names.length === 0) return;
    const node = this.#add(schema, pointer, outerBase, outerDraft)!;
    if (base !== outerBase) this.#byUri.set(base, node);
    for (const name of names) this.#byUri.set(`${base}#${name}`, node);
  }
}

/** Base URI and draft that hold inside a schema. */
function inner(schema: unknown, base: string, draft: Draft): { base: string; draft: Draft } {
  if (!isObject(schema)) return { base, draft };
  const own = typeof schema.$schema === 'string' ? draftOf(schema.$schema) : draft;
  const identifier = own === 4 ? schema.id : schema.$id;
  if (typeof identifier !== 'string' || identifier.startsWith('#')) return { base, draft: own };
  // Beside $ref, draft 7 and older see nothing.
  if (own < 2019 && typeof schema.$ref === 'string') return { base, draft: own };
  const uri = absolute(identifier, base) ?? base;
  return { base: uri.replace(/#.*$/, ''), draft: own };
}

function draftOf(uri: string): Draft {
  const name = /draft[-/](?:0?(4|6|7)|(2019|2020))\b/.exec(uri);
  return name ? (Number(name[1] ?? name[2]) as Draft) : 2020;
}

function absolute(reference: string, base: string): string | undefined {
  if (reference.startsWith('#')) return base + reference;
  return URL.canParse(reference, base) ? new URL(reference, base).href : undefined;
}

function decodeFragment(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}
