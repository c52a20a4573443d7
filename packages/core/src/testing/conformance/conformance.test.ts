import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseOptions } from '../../checks/parse-options.js';
import type { AnyMiddleware, Hooks, Run } from '../../contract/middleware.js';
import type { MockDecoder } from '../mock/mock-decoder.js';
import { conformanceCases, pairCases } from './conformance.js';
import type { ConformanceCase, ConformanceSubject } from './conformance-subject.js';

const middleware = (
  name: string,
  create: (run: Run) => Hooks,
  rest: Partial<AnyMiddleware> = {},
): AnyMiddleware => ({ specificationVersion: 'v1', name, requires: [], ...rest, create });

/**
 * Lowers the logits of the tokens generated so far: state that commit, rollback and fork must
 * carry.
 */
function fade({ strength }: { strength: number }): AnyMiddleware {
  parseOptions('fade', z.strictObject({ strength: z.number().min(0) }), { strength });
  const hooks = (run: Run, tokens: number[]): Hooks => ({
    adjust(logits) {
      for (const id of tokens) logits[id] -= strength;
    },
    commit(accepted) {
      tokens.push(...accepted);
      run.emit('tokens', tokens.length);
    },
    rollback(count) {
      tokens.length -= count;
    },
    fork: (copy) => hooks(copy, [...tokens]),
  });
  return middleware('fade', (run) => hooks(run, []));
}

/** Keeps the first and last rows of the prompt. */
const ends = (rows: number): AnyMiddleware =>
  middleware(
    'ends',
    () => ({
      editCache(view, _last, { phase }) {
        if (phase !== 'prefill-end' || view.rows(0) <= rows) return undefined;
        const half = rows / 2;
        return {
          keep: (layer) =>
            Uint32Array.from({ length: rows }, (_, i) =>
              i < half ? i : view.rows(layer) - rows + i,
            ),
        };
      },
    }),
    { requires: ['kv.edit'] },
  );

/** Reads the prompt with a draft, and cuts it to its last tokens. */
const tail = (draft: MockDecoder, tokens: number): AnyMiddleware =>
  middleware('tail', (run) => ({
    async prompt(prompt, next) {
      if (prompt.ids.length <= tokens) return next(prompt);
      const sequence = await run.open(draft, ['scores']);
      await sequence.forward({ ids: prompt.ids });
      sequence.close();
      return next({
        ...prompt,
        ids: prompt.ids.slice(-tokens),
        byteStart: prompt.byteStart.slice(-tokens),
        byteEnd: prompt.byteEnd.slice(-tokens),
        spans: [],
      });
    },
  }));

/** Skips a layer at every other decode forward. */
const blink = (on: boolean): AnyMiddleware =>
  middleware(
    'blink',
    (run) => ({
      forward: (input, next) =>
        next(
          on && run.generated.length % 2 === 1
            ? { ...input, layers: Uint8Array.of(1, 1, 0, 1) }
            : input,
        ),
    }),
    { requires: ['layers.skip'] },
  );

const fadeSubject: ConformanceSubject = {
  name: 'fade',
  neutral: () => fade({ strength: 0 }),
  active: () => fade({ strength: 2 }),
  refuses: [() => fade({ strength: -1 })],
  losslessWithProposals: true,
};
const endsSubject: ConformanceSubject = {
  name: 'ends',
  neutral: () => ends(4000),
  active: () => ends(20),
  losslessWithProposals: true,
};
const tailSubject: ConformanceSubject = {
  name: 'tail',
  neutral: (decoder) => tail(decoder.draft({ layers: 1 }), 4000),
  active: (decoder) => tail(decoder.draft({ layers: 1 }), 30),
  losslessWithProposals: true,
};
const blinkSubject: ConformanceSubject = {
  name: 'blink',
  neutral: () => blink(false),
  active: () => blink(true),
};

describe('sound middlewares pass', () => {
  for (const subject of [fadeSubject, endsSubject, tailSubject, blinkSubject])
    for (const { name, run } of conformanceCases(subject)) test(name, run);
  for (const { name, run } of pairCases(fadeSubject, endsSubject)) test(name, run);
  for (const { name, run } of pairCases(tailSubject, blinkSubject)) test(name, run);
});

/** The cases that fail, and what they say. */
async function failures(cases: readonly ConformanceCase[]): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  for (const { name, run } of cases) await run().catch((error) => failed.set(name, error.message));
  return failed;
}

async function expectFailure(
  subject: Partial<ConformanceSubject>,
  what: string,
  message: string,
): Promise<void> {
  const whole = {
    ...fadeSubject,
    name: 'bad',
    losslessWithProposals: false,
    refuses: [],
    ...subject,
  };
  const cases = conformanceCases(whole).filter(({ name }) => name.includes(what));
  expect(cases).toHaveLength(1);
  await expect(cases[0].run()).rejects.toThrow(message);
  await expect(cases[0].run()).rejects.toThrow(/^bad: /);
}

const plain = () => middleware('bad', () => ({}));
const bad = (hooks: (run: Run) => Hooks, rest: Partial<AnyMiddleware> = {}) => ({
  neutral: plain,
  active: () => middleware('bad', hooks, rest),
});

/** Favours another token at each step, as counted by `counter`. */
const counting = (counter: { steps: number }): Hooks => ({
  adjust(logits) {
    logits[(97 + counter.steps * 7) % logits.length] += 9;
  },
  commit(accepted) {
    counter.steps += accepted.length;
  },
  rollback(count) {
    counter.steps -= count;
  },
  fork: () => counting({ ...counter }),
});

describe('unsound middlewares fail, each in its case', () => {
  test('changes the output when neutral', () =>
    expectFailure({ neutral: () => fade({ strength: 1 }) }, 'neutral, greedy', 'plain run'));

  test('does nothing when active', () =>
    expectFailure({ active: plain }, 'does something', 'would prove nothing'));

  test('ends too early to be tested', () =>
    expectFailure(
      bad((run) => ({
        adjust: (logits) => void logits.fill(0, 0, 40),
        commit: () => run.stopWhen('enough'),
      })),
      'does something',
      'ended after 1 tokens',
    ));

  test('leaks a sequence', () =>
    expectFailure(
      {
        neutral: plain,
        active: (decoder) =>
          middleware('bad', () => ({
            async prompt(prompt, next) {
              await decoder.open();
              return next({ ...prompt, ids: prompt.ids.slice(0, 30) });
            },
          })),
      },
      'generate, stream',
      '1 sequences are still open',
    ));

  test('keeps a sequence open when the decoder fails', () =>
    expectFailure(
      {
        neutral: plain,
        active: (decoder) =>
          middleware('bad', () => ({
            async prompt(prompt, next) {
              const sequence = await decoder.open();
              await sequence.forward({ ids: prompt.ids });
              sequence.close();
              return next(prompt);
            },
          })),
      },
      'an error of the decoder',
      '1 sequences are still open',
    ));

  test('keeps its state in the factory', async () => {
    const shared = { active: () => middleware('bad', sharedCounter()) };
    const sharedCounter = () => {
      const counter = { steps: 0 };
      return () => counting(counter);
    };
    await expectFailure({ neutral: plain, ...shared }, 'same output each time', 'second run');
    await expectFailure({ neutral: plain, ...shared }, 'do not mix', 'token');
  });

  test('ignores rollback', () =>
    expectFailure(
      bad(() => ({ ...counting({ steps: 0 }), rollback: undefined })),
      'taken back',
      'after rollbacks',
    ));

  test('goes astray without a prefill of its own', () =>
    expectFailure(
      {
        neutral: () =>
          middleware('bad', () => {
            let hasRead = false;
            return {
              prefill(input, next) {
                hasRead = true;
                return next(input);
              },
              adjust(logits) {
                if (!hasRead) logits[97] += 50;
              },
            };
          }),
      },
      'a saved generation',
      'loaded, against the plain run',
    ));

  test('shares its state with a fork', () =>
    expectFailure(
      bad(() => {
        const hooks: Hooks = { ...counting({ steps: 0 }), fork: () => hooks };
        return hooks;
      }),
      'a fork goes on',
      'original (fork first)',
    ));

  test('loses its state in a fork', () =>
    expectFailure(
      bad(() => ({ ...counting({ steps: 0 }), fork: undefined })),
      'a fork goes on',
      'fork (fork first)',
    ));

  test('hands a fork what it remembers, but not what a rollback takes back', () => {
    const forgetful = (inherited: number): Hooks => {
      const own = { steps: 0 };
      return {
        adjust: (logits) => {
          logits[(97 + (inherited + own.steps) * 7) % logits.length] += 9;
        },
        commit: (accepted) => {
          own.steps += accepted.length;
        },
        rollback: (count) => {
          own.steps = Math.max(0, own.steps - count);
        },
        fork: () => forgetful(inherited + own.steps),
      };
    };
    return expectFailure(
      bad(() => forgetful(0)),
      'rolled back to before the fork',
      'fork after a rollback',
    );
  });

  test('is random without a seed', () => {
    let calls = 0;
    return expectFailure(
      bad(() => counting({ steps: calls++ })),
      'same output each time',
      'against that of a fresh one',
    );
  });

  test('swallows an error of its draft', () =>
    expectFailure(
      {
        neutral: plain,
        active: (decoder) =>
          middleware('bad', (run) => ({
            async prompt(prompt, next) {
              const draft = await run.open(decoder);
              await draft.forward({ ids: prompt.ids }).catch(() => undefined);
              return next(prompt);
            },
          })),
      },
      'an error of the decoder',
      'forward 1 of 15 failed, and generate threw nothing',
    ));

  test('emits a number that is none', () =>
    expectFailure(
      bad((run) => ({
        ...counting({ steps: 0 }),
        end: () => run.emit('share', 0 / 0),
      })),
      'metrics',
      "metric 'share' is NaN",
    ));

  test('does not list what it needs', () =>
    expectFailure(
      bad(() => ({
        forward: (input, next) => next({ ...input, layers: Uint8Array.of(1, 1, 0, 1) }),
      })),
      'no capability beyond',
      "'layers.skip'",
    ));

  test('leaves a sequence open when aborted', () =>
    expectFailure(
      {
        neutral: plain,
        active: (decoder) =>
          middleware('bad', () => ({
            async prefill(input, next) {
              const sequence = await decoder.open();
              const output = await next(input);
              sequence.close();
              return output;
            },
          })),
      },
      'aborted in the prefill',
      '1 sequences are still open',
    ));

  test('accepts a wrong option', () =>
    expectFailure({ refuses: [() => plain()] }, 'wrong option 1', 'accepted it'));

  test('throws another error for a wrong option', () =>
    expectFailure(
      {
        refuses: [
          () => {
            throw new TypeError('strength');
          },
        ],
      },
      'wrong option 1',
      'not an InvalidOptionsError',
    ));

  test('has another name', () =>
    expectFailure({ name: 'bad' }, 'its name and version', "calls itself 'fade'"));

  test('forgets that proposals can be rejected', () =>
    expectFailure(
      {
        // Counts forwards instead of accepted tokens.
        ...bad(() => {
          const counter = { steps: 0 };
          return {
            adjust: counting(counter).adjust,
            forward(input, next) {
              counter.steps++;
              return next(input);
            },
          };
        }),
        losslessWithProposals: true,
      },
      'proposals beside it',
      'with proposals, against without',
    ));
});

test('a neutral middleware that draws from its own stream fails', async () => {
  const neutral = () =>
    middleware('bad', (run) => ({
      choose: (given) => ({ token: given.draw(run.random), logWeight: 0 }),
    }));
  await expectFailure({ neutral }, 'neutral, sampled', 'against the plain run');
});

describe('pairs', () => {
  const rival = (rest: Partial<AnyMiddleware>): ConformanceSubject => ({
    name: 'rival',
    neutral: () => middleware('rival', () => ({}), rest),
    active: () => middleware('rival', () => counting({ steps: 0 }), rest),
  });

  test('a declared conflict must be refused, and is', async () => {
    const cases = pairCases(fadeSubject, rival({ conflicts: ['fade'] }));
    expect(cases.map(({ name }) => name)).toEqual([
      'fade + rival: the declared conflict is refused by use()',
      'rival + fade: the declared conflict is refused by use()',
    ]);
    expect(await failures(cases)).toEqual(new Map());
  });

  test('a conflict that is not declared fails, in the order where it shows', async () => {
    // Decides without asking what is installed after it.
    const first: ConformanceSubject = {
      name: 'first',
      neutral: () => middleware('first', () => ({})),
      active: () =>
        middleware('first', () => ({
          choose: (given) => ({ token: given.draw(() => 0.5), logWeight: 0 }),
        })),
    };
    const second: ConformanceSubject = {
      ...first,
      name: 'second',
      neutral: () => middleware('second', () => ({})),
      active: () => middleware('second', () => ({ choose: (given, next) => next(given) })),
    };
    const failed = await failures(pairCases(first, second));
    expect(failed.get('first + second: active: generate, stream and single steps agree')).toContain(
      "without asking 'second'",
    );
  });
});
