import type { RegexState } from './regex-state.js';
import type { Rest } from './rest.js';

/** A place between characters of a text, as far as what was read matters. */
export interface LookNode {
  /** What must follow. */
  readonly main: Rest;
  /** [look-behinds], what must follow for a match that has begun to end. */
  readonly behinds: readonly Rest[];
  /** By class; null where the text can only be wrong, whatever follows. */
  readonly next: (LookNode | null | undefined)[];
  /** Whether some text leads to acceptance, once known. */
  viable: boolean | undefined;
  /** A class that leads on to acceptance, -1 where the text may end; once known. */
  way: number | undefined;
  /** The state of this node, once asked for. */
  state: RegexState | undefined;
}
