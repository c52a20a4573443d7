import type { RuntimeSession } from './runtime/runtime.js';
import { trimHeap } from './trim-heap.js';

/** Sessions by key, built when first asked for. Above the limit, the one used longest ago is closed. */
export class SessionCache {
  /** In order of use, the latest last. */
  readonly #sessions = new Map<string, RuntimeSession>();

  constructor(private readonly limit: number) {}

  get keys(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /** Not to be called while another `get` or a run is under way. */
  async get(key: string, build: () => Promise<RuntimeSession>): Promise<RuntimeSession> {
    const found = this.#sessions.get(key);
    if (found) {
      if (this.#sessions.size > 1) {
        this.#sessions.delete(key);
        this.#sessions.set(key, found);
      }
      return found;
    }
    if (this.#sessions.size >= this.limit) {
      const [oldest, session] = this.#sessions.entries().next().value!;
      this.#sessions.delete(oldest);
      await session.close();
      await trimHeap();
    }
    const session = await build();
    this.#sessions.set(key, session);
    return session;
  }

  interrupt(): void {
    for (const session of this.#sessions.values()) session.interrupt();
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await session.close();
    if (sessions.length > 0) await trimHeap();
  }
}
