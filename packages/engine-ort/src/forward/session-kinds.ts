import type { Capability } from '@pliant/core';
import { type CheckedForward, evidence, evidenceNames } from '@pliant/core/engine';
import type { ModelProto } from '../graph/onnx/onnx_pb.js';
import type { Ports } from '../graph/ports/port-options.js';

/** A session that can be built. */
export interface SessionKind {
  /** Its name in `inspect`. */
  readonly name: string;
  readonly ports: Ports;
  /** Approximate memory that it takes. */
  readonly bytes: number;
}

interface Wanted {
  readonly needs: readonly Capability[];
  /** Layers are cut out of the graph instead of being switched off by gates. */
  readonly cuts: boolean;
  readonly cache: Ports['cache'];
  readonly layers: number;
  /** What the forward skips. When layers are cut out, each set of them has a session. */
  readonly skipped: Pick<CheckedForward, 'gates' | 'scales'>;
  /** Rows of stepwise attention; 0 for all at once. */
  readonly stepwise: number;
}

/** The ports that a forward needs, and no more. */
export function portsFor({ needs, cuts, skipped, ...wanted }: Wanted): Ports {
  const leftOut = cuts ? skippedBy(skipped.gates) : [];
  return {
    ...wanted,
    gates: !cuts && needs.includes('layers.skip'),
    evidence: evidenceNames.filter((name) => needs.includes(evidence[name].capability)),
    leftOut,
    scales: leftOut.length > 0 && skipped.scales !== undefined,
  };
}

/** `plain`, or what distinguishes a session with these ports. */
export function sessionName(ports: Ports): string {
  return [...extras(ports), ...computed(ports)].join('+') || 'plain';
}

/**
 * The session of `loaded` with the fewest ports that has all of `wanted` and computes the same
 * layers and rows. Ports that a forward does not use leave its results unchanged, bit for bit.
 */
export function servedBy(
  { ports: wanted }: SessionKind,
  loaded: readonly SessionKind[],
): SessionKind | undefined {
  const count = ({ ports }: SessionKind) => extras(ports).length;
  return loaded
    .filter(
      ({ ports }) =>
        computed(ports).join() === computed(wanted).join() &&
        extras(wanted).every((extra) => extras(ports).includes(extra)),
    )
    .sort((a, b) => count(a) - count(b))[0];
}

/**
 * Memory of a session relative to its weights, most of which it packs. Measured 1.14 for the
 * embedded model, whatever the ports.
 */
const overhead = 1.15;

/** Approximate memory of a session of a graph, in bytes. */
export function sessionBytes({ graph }: ModelProto): number {
  let sum = 0;
  for (const { rawData, externalData } of graph?.initializer ?? [])
    sum += rawData.length + Number(externalData.find(({ key }) => key === 'length')?.value ?? 0);
  return Math.ceil(overhead * sum);
}

/** Names of ports that other forwards can do without. */
function extras({ gates, evidence: kinds = [] }: Ports): string[] {
  return [...(gates ? ['gates'] : []), ...kinds];
}

function computed({ leftOut = [], scales, stepwise = 0 }: Ports): string[] {
  return [
    leftOut.length > 0 ? `${scales ? 'scaled ' : ''}without ${leftOut.join(', ')}` : '',
    stepwise > 0 ? `stepwise ${stepwise}` : '',
  ].filter(Boolean);
}

function skippedBy(gates: Uint8Array = new Uint8Array()): number[] {
  return [...gates.keys()].filter((layer) => gates[layer] === 0);
}
