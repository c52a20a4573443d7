import { trimHeap } from '../memory/trim-heap.js';
import type { RuntimeSession } from '../runtime/runtime.js';
import { SerialQueue } from './serial-queue.js';

export interface SessionRequest {
  /** Owner of sessions, with names of its own; it closes them with `closeOf`. */
  readonly owner: object;
  readonly name: string;
  /** That the session will take, about. */
  readonly bytes: number;
  build(): Promise<RuntimeSession>;
  /** Called with the session before anything else can let it go. */
  hold(session: RuntimeSession): void;
}

interface Entry {
  readonly owner: object;
  readonly name: string;
  readonly session: RuntimeSession;
  readonly bytes: number;
  /** Milliseconds that building it took. */
  readonly cost: number;
  priority: number;
}

/**
 * The sessions of a model and its drafts. Sessions in use are never evicted, whatever they take.
 * The others make room when another would exceed the memory, by GreedyDual-Size (Cao and Irani
 * 1997): a session that is cheap to build for its size, or has not been used for long, goes first.
 */
export class SessionCache {
  /** In order of use, the latest last. */
  readonly #entries = new Set<Entry>();
  readonly #holders = new Set<() => Iterable<RuntimeSession>>();
  readonly #letGo = new WeakMap<object, Set<string>>();
  readonly #queue = new SerialQueue();
  /** Priority of what was let go last: what is used later is above it. */
  #age = 0;
  #builds = 0;
  #rebuilds = 0;

  /**
   * @param memory bytes that the sessions may take
   * @param onRebuild called when a session is built that had made room for another
   */
  constructor(
    private readonly memory: number,
    private readonly onRebuild: () => void = () => undefined,
  ) {}

  /** Sessions built so far. */
  get builds(): number {
    return this.#builds;
  }

  /** How many of them were built again after making room for another. */
  get rebuilds(): number {
    return this.#rebuilds;
  }

  /** Adds sessions that are in use at any time. @returns takes them back */
  addHolder(holds: () => Iterable<RuntimeSession>): () => void {
    this.#holders.add(holds);
    return () => this.#holders.delete(holds);
  }

  /** Names of an owner's loaded sessions, the most recently used last. */
  names(owner: object): string[] {
    return this.#of(owner).map(({ name }) => name);
  }

  /** Whether this many more bytes fit without evicting anything. */
  fits(bytes: number): boolean {
    return this.#bytes() + bytes <= this.memory;
  }

  /** Returns the session, and builds it if it is not loaded. An owner asks for one at a time. */
  async get(request: SessionRequest): Promise<RuntimeSession> {
    const { owner, name, hold } = request;
    const found = this.#of(owner).find((entry) => entry.name === name);
    if (!found) return this.#queue.run(() => this.#build(request));
    this.#use(found);
    hold(found.session);
    return found.session;
  }

  interrupt(owner: object): void {
    for (const { session } of this.#of(owner)) session.interrupt();
  }

  async closeOf(owner: object): Promise<void> {
    const entries = this.#of(owner);
    for (const entry of entries) this.#entries.delete(entry);
    for (const { session } of entries) await session.close();
    if (entries.length > 0) await trimHeap();
  }

  async #build({ owner, name, bytes, build, hold }: SessionRequest): Promise<RuntimeSession> {
    await this.#makeRoom(bytes);
    const begin = performance.now();
    const session = await build();
    const cost = performance.now() - begin;
    const entry = { owner, name, session, bytes, cost, priority: 0 };
    this.#use(entry);
    hold(session);
    this.#builds++;
    if (this.#letGo.get(owner)?.delete(name)) {
      this.#rebuilds++;
      this.onRebuild();
    }
    return session;
  }

  async #makeRoom(bytes: number): Promise<void> {
    const held = new Set([...this.#holders].flatMap((holds) => [...holds()]));
    const idle = [...this.#entries].filter(({ session }) => !held.has(session));
    // Stable, so of equal ones the one used longest ago comes first.
    idle.sort((a, b) => a.priority - b.priority);
    const gone: Entry[] = [];
    for (const entry of idle) {
      if (this.fits(bytes)) break;
      this.#entries.delete(entry);
      this.#age = entry.priority;
      gone.push(entry);
      const names = this.#letGo.get(entry.owner) ?? new Set();
      this.#letGo.set(entry.owner, names.add(entry.name));
    }
    for (const { session } of gone) await session.close();
    if (gone.length > 0) await trimHeap();
  }

  #use(entry: Entry): void {
    entry.priority = this.#age + entry.cost / Math.max(1, entry.bytes);
    this.#entries.delete(entry);
    this.#entries.add(entry);
  }

  #of(owner: object): Entry[] {
    return [...this.#entries].filter((entry) => entry.owner === owner);
  }

  #bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#entries) sum += bytes;
    return sum;
  }
}
