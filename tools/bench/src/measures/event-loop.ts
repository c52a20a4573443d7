import { pipeline } from '@pliant/core';
import { openDecoder, type RuntimeKind } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { type Effort, once, type Row } from '../measure.js';
import { openEndlessTokenizer, readPrompt, threads } from '../setup.js';

const interval = 5;

/**
 * How many ticks of a 5 ms timer arrive, as a share of those that fit, and the longest wait for
 * one.
 */
export async function eventLoop({ newTokens }: Effort): Promise<Row[]> {
  return [...(await ticks('native', newTokens)), ...(await ticks('binding', newTokens))];
}

async function ticks(runtime: RuntimeKind, newTokens: number): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { runtime, threads });
  const stack = pipeline(decoder, { tokenizer: await openEndlessTokenizer() });
  await stack.prepare();
  const prompt = { ids: await readPrompt(2048) };
  const ticking = new Ticking();
  const generation = await stack.start(prompt, { maxNewTokens: newTokens });
  const prefill = ticking.read();
  while (!generation.done) await generation.step();
  const decode = ticking.read();
  ticking.stop();
  await generation.close();
  await decoder.close();
  const rows = (phase: string, { share, longest }: typeof prefill): Row[] => [
    {
      what: `event loop, ${runtime}, ${phase}: share of a ${interval} ms timer's ticks`,
      unit: '',
      value: once(share),
      // Timers of Node are up to 1 ms late, and a little work is done on the loop: most ticks, not
      // all.
      ...(runtime === 'native' && { target: { atLeast: 0.5 } }),
    },
    {
      what: `event loop, ${runtime}, ${phase}: longest wait for a tick`,
      unit: 'ms',
      value: once(longest),
    },
  ];
  return [...rows('prefill', prefill), ...rows('decode', decode)];
}

class Ticking {
  #count = 0;
  #longest = 0;
  #last = performance.now();
  #started = this.#last;
  readonly #timer = setInterval(() => {
    this.#tick();
    this.#count++;
  }, interval);

  /** Since the last reading. */
  read(): { readonly share: number; readonly longest: number } {
    // A tick that is still due counts as a wait.
    this.#tick();
    const result = {
      share: (this.#count * interval) / (this.#last - this.#started),
      longest: this.#longest,
    };
    this.#count = 0;
    this.#longest = 0;
    this.#started = this.#last;
    return result;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
  }
}
