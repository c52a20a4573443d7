import { type ContestantName, openContestant } from './contestants/open-contestant.js';
import { readPrompt } from './setup.js';

/** A request of the parent to a contestant's process. */
export interface Request {
  readonly promptTokens: number;
  readonly newTokens: number;
}

const contestant = await openContestant(process.argv[2] as ContestantName);
process.on('message', async ({ promptTokens, newTokens }: Request) => {
  const timing = await contestant.run(await readPrompt(promptTokens), newTokens);
  // Kilobytes on all platforms.
  process.send!({ ...timing, peakBytes: process.resourceUsage().maxRSS * 1024 });
});
process.send!('ready');
