import type { DecoderShape, EvidenceGiven } from '@pliant/core';
import { type EvidenceName, type EvidenceWant, evidenceWanted } from '@pliant/core/engine';
import type { PortedGraph } from '../ports/ported-graph.js';
import { blockInfluences } from './block-influences.js';
import type { EvidenceMember, EvidenceNodes, EvidencePort, EvidenceRun } from './evidence-port.js';
import { hiddenMeans } from './hidden-means.js';
import { hiddenRows } from './hidden-rows.js';
import { scores } from './scores.js';

/** How each kind of evidence enters the graph and leaves it. */
const evidencePorts: { readonly [E in EvidenceName]: EvidencePort<E> } = {
  scores,
  hiddenMeans,
  blockInfluences,
  hiddenRows,
};

/** Adds the kinds of evidence that the ports list. */
export function addEvidence(graph: PortedGraph): EvidenceNodes[] {
  return (graph.ports.evidence ?? []).map((name) => evidencePorts[name].addTo(graph));
}

/** Sizes of the int64 inputs of these kinds of evidence, by input. */
export function evidenceInputs(
  names: readonly EvidenceName[],
  layers: number,
): { readonly [input: string]: number } {
  return Object.assign({}, ...names.map((name) => evidencePorts[name].inputs?.(layers)));
}

/** The evidence of one run over a batch. */
export class BatchEvidence {
  /** Kinds that any member wants. */
  readonly #runs: ReadonlyMap<EvidenceName, EvidenceRun<EvidenceName>>;

  /** @param wants what the members want, in the order of their slots */
  constructor(
    shape: DecoderShape,
    private readonly wants: readonly EvidenceWant[],
    runs: (layer: number) => boolean,
  ) {
    const names = new Set(wants.flatMap((want) => evidenceWanted(want)));
    const runOf = (name: EvidenceName) => {
      const own = wants.filter((want) => evidenceWanted(want).includes(name));
      return { shape, batch: wants.length, wants: own.map((want) => want[name]!), runs };
    };
    this.#runs = new Map([...names].map((name) => [name, runOf(name) as never]));
  }

  get isEmpty(): boolean {
    return this.#runs.size === 0;
  }

  /** Values of the inputs that are not 0. */
  inputValues(): { readonly [input: string]: ArrayLike<number> } {
    return this.#join((port, run) => port.inputValues?.(run as never));
  }

  /** Sizes of the float buffers that the run fills, by output. */
  buffers(): { readonly [output: string]: readonly number[] } {
    return this.#join((port, run) => port.buffers(run as never));
  }

  /** Copies what a member gets out of the buffers. */
  async take(
    buffers: { readonly [output: string]: Float32Array },
    member: Pick<EvidenceMember<EvidenceName>, 'slot' | 'positions' | 'score'>,
  ): Promise<EvidenceGiven> {
    const want = this.wants[member.slot];
    const given: [EvidenceName, unknown][] = [];
    for (const name of evidenceWanted(want)) {
      const own = { ...member, run: this.#runs.get(name), want: want[name] };
      given.push([name, await evidencePorts[name].take(buffers, own as never)]);
    }
    return Object.fromEntries(given);
  }

  #join<T>(
    part: (
      port: EvidencePort<EvidenceName>,
      run: EvidenceRun<EvidenceName>,
    ) => { readonly [name: string]: T } | undefined,
  ): { readonly [name: string]: T } {
    const parts = [...this.#runs].map(([name, run]) =>
      part(evidencePorts[name] as EvidencePort<never>, run),
    );
    return Object.assign({}, ...parts);
  }
}
