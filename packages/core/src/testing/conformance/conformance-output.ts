import type { Generation } from '../../contract/generation.js';
import {
  type ConformanceStack,
  check,
  checkSame,
  greedy,
  type OpenStack,
  prompt,
  type Setting,
  sampled,
} from './conformance-stack.js';
import type { ConformanceCase } from './conformance-subject.js';

export async function finish(generation: Generation): Promise<Generation> {
  while (!generation.done) await generation.step();
  return generation;
}

/**
 * Checks of the output. A neutral middleware gives that of the plain run; an active one gives the
 * same for a seed, however it is run.
 */
export function outputCases(stack: ConformanceStack): ConformanceCase[] {
  const modes = [
    ['greedy', greedy],
    ['sampled', sampled],
  ] as const;
  return [
    ...modes.map(([mode, options]) => ({
      name: `neutral, ${mode}: the output is that of the plain run`,
      run: async () => {
        const { result: plain } = await stack.reference('plain', options);
        const chunks = [512, 7];
        for (const chunkSize of chunks)
          checkSame(
            await stack.generate('neutral', options, { chunkSize }),
            plain,
            `neutral, in chunks of ${chunkSize}, against the plain run`,
          );
      },
    })),
    {
      name: 'neutral: a second turn is that of the plain run',
      run: async () => {
        const plain = await twoTurns(stack, 'plain');
        checkSame(await twoTurns(stack, 'neutral'), plain, 'second turn against the plain run');
      },
    },
    {
      name: 'active: it does something, for at least 6 tokens',
      run: async () => {
        const run = async (setting: Setting) => {
          const { result, decoder } = await stack.reference(setting, greedy);
          const { tokens } = result;
          return { tokens, work: JSON.stringify([tokens, decoder.calls, decoder.forwards]) };
        };
        const [plain, active] = [await run('plain'), await run('active')];
        check(
          plain.work !== active.work,
          'the active middleware changes neither tokens nor forwards, so these cases would prove nothing; give it options that do',
        );
        check(
          active.tokens.length >= 6,
          `the active run ended after ${active.tokens.length} tokens; give it options that leave room for 6`,
        );
      },
    },
    {
      name: 'active: a seed gives the same output each time',
      run: async () => {
        for (const options of [greedy, sampled]) {
          const { result: fresh } = await stack.reference('active', options);
          await stack.with('active', {}, async ({ pipeline }) => {
            for (const time of ['first', 'second'])
              checkSame(
                await pipeline.generate(prompt, options),
                fresh,
                `${time} run of one pipeline against that of a fresh one`,
              );
          });
        }
      },
    },
    {
      name: 'active: generate, stream and single steps agree',
      run: async () => {
        for (const options of [greedy, sampled]) {
          const { result: generated } = await stack.reference('active', options);
          await stack.with('active', {}, async (open) => {
            checkSame(await streamed(open, options), generated, 'stream against generate');
            const generation = await finish(await open.pipeline.start(prompt, options));
            await generation.close();
            checkSame(generation.result(), generated, 'single steps against generate');
          });
        }
      },
    },
    {
      name: 'active: a second turn, the same each time',
      run: async () => {
        const first = await twoTurns(stack, 'active');
        checkSame(await twoTurns(stack, 'active'), first, 'second turn against the same before');
      },
    },
    {
      name: 'active: a prompt of one token',
      run: async () => {
        const { promptTokens } = (await stack.generate('active', greedy, {}, { ids: [72] }))
          .metrics;
        check(promptTokens === 1, `${promptTokens} prompt tokens`);
      },
    },
    {
      name: 'active: metrics are finite numbers under its own name',
      run: async () => {
        const { metrics } = (await stack.reference('active', greedy)).result;
        const names = stack.subjects.map(({ name }) => name);
        for (const [name, emitted] of Object.entries(metrics.middlewares)) {
          check(names.includes(name), `metrics under the name '${name}'`);
          for (const [metric, value] of Object.entries(emitted))
            check(Number.isFinite(value), `metric '${metric}' is ${value}`);
        }
      },
    },
  ];
}

async function streamed({ pipeline }: OpenStack, options: typeof greedy) {
  let text = '';
  for await (const part of pipeline.stream(prompt, options)) {
    if (part.type === 'text-delta') text += part.delta;
    if (part.type === 'finish') {
      check(part.result.text === text, 'the streamed parts are not the text of the result');
      return part.result;
    }
  }
  throw new Error('the stream ended without a finish part');
}

function twoTurns(stack: ConformanceStack, setting: Setting) {
  return stack.with(setting, {}, async ({ pipeline }) => {
    const generation = await finish(await pipeline.start(prompt, greedy));
    await generation.append([{ role: 'user', content: 'And what is the number, once more?' }]);
    await finish(generation);
    await generation.close();
    return generation.result();
  });
}
