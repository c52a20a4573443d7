import { describe, expect, it } from 'vitest';
import { runSampling, type Sampling } from './sampling.js';

/** Asks for 1, 2, ... until one is allowed. */
function* count(limit: number): Sampling {
  for (let token = 1; token < limit; token++) if (yield token) return { token, logWeight: 0 };
  return { token: -1, logWeight: 0 };
}

describe('runSampling', () => {
  it('answers at once as long as the answers come at once', () => {
    expect(runSampling(count(9), (token) => token === 4)).toEqual({ token: 4, logWeight: 0 });
    expect(runSampling(count(3), () => false).token).toBe(-1);
  });

  it('waits from the first promise on', async () => {
    const asked: number[] = [];
    const choice = runSampling(count(9), (token) => {
      asked.push(token);
      return token < 3 ? false : Promise.resolve(token === 5);
    });
    expect(choice).toBeInstanceOf(Promise);
    expect((await choice).token).toBe(5);
    expect(asked).toEqual([1, 2, 3, 4, 5]);
  });

  it('passes a rejection on', async () => {
    const rejecting = runSampling(count(9), () => Promise.reject(new Error('no')));
    await expect(rejecting).rejects.toThrow('no');
  });
});
