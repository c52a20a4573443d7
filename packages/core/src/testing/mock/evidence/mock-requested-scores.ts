import type { EvidenceWant } from '../../../contract/evidence/evidence.js';
import type { Observed } from '../model/mock-model.js';
import type { EvidenceObserver, MockForward } from './evidence-observer.js';
import { ExpectedScores } from './mock-expected-scores.js';
import { ScoreReduction } from './mock-scores.js';

/** The scores of every request, in the layers that run. */
export class RequestedScores implements EvidenceObserver<'scores'> {
  readonly #tokens: number;
  readonly #requests;

  constructor(
    { shape, cache, tokens, gates }: MockForward,
    requests: NonNullable<EvidenceWant['scores']>,
  ) {
    this.#tokens = tokens;
    const all = Array.from({ length: shape.layers }, (_, layer) => layer);
    this.#requests = Object.entries(requests).map(([name, request]) => {
      const running = (request.layers ?? all).filter((layer) => !gates || gates[layer] === 1);
      const { future } = request;
      const scoresOf = (layer: number) =>
        future === undefined
          ? new ScoreReduction(request, shape.heads, shape.kvHeads, cache.rows(layer) + tokens)
          : new ExpectedScores({ ...request, future }, shape, cache, layer);
      const byLayer = new Map(running.map((layer) => [layer, scoresOf(layer)]));
      return { name, rows: request.rows, byLayer };
    });
  }

  attention(token: number, layer: number, observed: Observed): void {
    for (const { rows, byLayer } of this.#requests)
      if (token >= this.#tokens - rows) byLayer.get(layer)?.add(observed);
  }

  result() {
    return Object.fromEntries(
      this.#requests.map(({ name, byLayer }) => [
        name,
        new Map([...byLayer].map(([layer, scores]) => [layer, scores.result()])),
      ]),
    );
  }
}
