import type { Hooks } from '../../contract/middleware.js';
import { type ConformanceStack, check, greedy, prompt } from './conformance-stack.js';
import type { ConformanceCase } from './conformance-subject.js';

/** Outermost hooks that abort in a phase. */
function abortIn(phase: string, abort: () => void): Hooks {
  switch (phase) {
    case 'the prompt phase':
      return {
        prompt(given, next) {
          abort();
          return next(given);
        },
      };
    case 'the prefill':
      return {
        prefill(input, next) {
          abort();
          return next(input);
        },
      };
    case 'between prefill chunks':
      return {
        editCache(_view, _last, { phase }) {
          if (phase === 'prefill-chunk') abort();
          return undefined;
        },
      };
    case 'a decode forward':
      return {
        forward(input, next) {
          abort();
          return next(input);
        },
      };
    default: {
      let tokens = 0;
      return {
        commit(accepted) {
          tokens += accepted.length;
          if (tokens >= 3) abort();
        },
      };
    }
  }
}

/** However a generation ends, `stack.with` sees that nothing is left open and that `end` ran. */
export function endingCases(stack: ConformanceStack): ConformanceCase[] {
  const phases = [
    'the prompt phase',
    'the prefill',
    'between prefill chunks',
    'a decode forward',
    'between tokens',
  ];
  return [
    {
      name: 'active: aborted before the call',
      run: async () => {
        const { finishReason } = await stack.generate('active', {
          ...greedy,
          signal: AbortSignal.abort(),
        });
        check(finishReason === 'aborted', `the finish reason is '${finishReason}', not 'aborted'`);
      },
    },
    ...phases.map((phase) => ({
      name: `active: aborted in ${phase}`.replace('in between', 'between'),
      run: async () => {
        const controller = new AbortController();
        const { finishReason, tokens } = await stack.generate(
          'active',
          { ...greedy, signal: controller.signal },
          { chunkSize: 4, probe: abortIn(phase, () => controller.abort()) },
        );
        check(finishReason === 'aborted', `the finish reason is '${finishReason}', not 'aborted'`);
        check(tokens.length < 6, `${tokens.length} tokens were still generated`);
      },
    })),
    {
      name: 'active: an error of the decoder surfaces',
      run: async () => {
        const { forwards } = (await stack.reference('active', greedy)).decoder;
        for (const failAt of new Set([1, Math.ceil(forwards / 2), forwards]))
          await stack.with('active', { decoder: { failAt } }, async ({ pipeline }) => {
            const error = await pipeline.generate(prompt, greedy).then(
              () => undefined,
              (thrown: unknown) => thrown,
            );
            check(
              error instanceof Error && error.message.includes('fails, as asked'),
              `forward ${failAt} of ${forwards} failed, and generate ${error ? `threw another error: ${error}` : 'threw nothing'}`,
            );
          });
      },
    },
    {
      name: 'active: closed or left early',
      run: async () => {
        await stack.with('active', {}, async ({ pipeline }) => {
          const generation = await pipeline.start(prompt, greedy);
          await generation.step();
          await generation.close();
          await generation.close();
          for await (const part of pipeline.stream(prompt, greedy))
            if (part.type === 'text-delta') break;
        });
      },
    },
  ];
}
