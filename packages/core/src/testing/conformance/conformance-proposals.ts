import type { Hooks } from '../../contract/middleware.js';
import { type ConformanceStack, check, checkSame, greedy, prompt } from './conformance-stack.js';
import type { ConformanceCase } from './conformance-subject.js';

/**
 * Proposes what the run without proposals chose, with every third token wrong, and drafts on the
 * sequence meanwhile.
 */
function proposeFrom(expected: readonly number[], vocabulary: number): Hooks {
  let accepted = 0;
  return {
    commit(tokens) {
      accepted += tokens.length;
    },
    async propose(draft) {
      await draft({ ids: Int32Array.of(1, 2) });
      return expected
        .slice(accepted, accepted + 3)
        .map((id, index) => ((accepted + index) % 3 === 2 ? (id + 1) % vocabulary : id));
    },
  };
}

/** Verified proposals, right and wrong ones, leave the greedy text as it is. */
export function proposalCases(stack: ConformanceStack): ConformanceCase[] {
  if (!stack.subjects.every(({ losslessWithProposals }) => losslessWithProposals)) return [];
  return [
    {
      name: 'active: proposals beside it do not change the greedy output',
      run: async () => {
        const { result: expected } = await stack.reference('active', greedy);
        const probe = proposeFrom(expected.tokens, stack.makeDecoder().shape.vocabulary);
        const probeNeeds = ['logits.all', 'kv.edit'] as const;
        await stack.with('active', { probe, probeNeeds }, async ({ decoder, pipeline }) => {
          checkSame(
            await pipeline.generate(prompt, greedy),
            expected,
            'with proposals, against without',
          );
          check(
            decoder.calls.some(({ want }) => want?.logits === 'all'),
            'no proposal was verified',
          );
        });
      },
    },
  ];
}
