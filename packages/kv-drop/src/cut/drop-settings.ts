import type { Policy } from '../scoring/policy.js';
import type { Budget } from './budget.js';

/** The options of `kvDrop`, parsed. */
export interface DropSettings {
  /** The middleware's name. Scores are asked for under it. */
  readonly name: string;
  readonly policy: Policy;
  readonly budget: Budget;
  readonly every?: number;
  readonly betweenChunks: boolean;
  readonly renumber: boolean;
}
