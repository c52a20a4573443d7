import { PliantError } from '@pliant/core';
import type { PromptEvidence } from './selector.js';

/**
 * Takes a part of the evidence.
 * @throws PliantError if the prefill was not asked for it
 */
export function evidenceOf<Part extends 'hiddenMeans' | 'blockInfluences'>(
  selector: string,
  evidence: PromptEvidence,
  part: Part,
): NonNullable<PromptEvidence[Part]> {
  const found = evidence[part];
  if (found) return found;
  throw new PliantError(
    `${selector} goes by ${part} of the prompt, for which nobody asked; leave its 'requires' as it is`,
  );
}
