import type { Generation } from './contract/generation.js';
import type { PrefillPart, StreamPart } from './contract/result.js';

type Start<Value> = (
  signal: AbortSignal,
  onPart: (part: PrefillPart) => void,
) => Promise<Generation<Value>>;

/**
 * The loop of `Pipeline.stream`: prefill parts while the prompt is read, then the parts of each
 * step.
 */
export async function* streamGeneration<Value>(
  start: Start<Value>,
  signal?: AbortSignal,
): AsyncGenerator<StreamPart<Value>, void, undefined> {
  const left = new AbortController();
  const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const queue: StreamPart<Value>[] = [];
  let wake = () => {};
  let started = false;
  const starting = start(either, (part) => {
    queue.push(part);
    wake();
  }).finally(() => {
    started = true;
    wake();
  });
  try {
    starting.catch(() => {});
    while (!started || queue.length > 0) {
      yield* queue.splice(0);
      if (!started && queue.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    const generation = await starting;
    while (!generation.done) {
      await generation.step();
      yield* generation.parts();
    }
    await generation.close();
    yield* generation.parts();
    yield { type: 'finish', result: generation.result() };
  } finally {
    left.abort();
    await starting.then(
      (generation) => generation.close(),
      () => {},
    );
  }
}
