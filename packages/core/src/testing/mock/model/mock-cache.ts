import { checkKeep, checkTruncate } from '../../../checks/check-edit.js';
import type { CachePositions } from '../../../checks/check-forward.js';
import { checkSaved } from '../../../checks/check-saved.js';
import type { CacheEdit, CacheView, KeepEdit, SavedCache } from '../../../contract/cache.js';
import type { DecoderShape } from '../../../contract/decoder.js';
import { InvalidOptionsError } from '../../../contract/errors.js';
import { MockLayer } from './mock-layer.js';

export interface MockCacheOptions {
  readonly firstRows: number;
  /** Rows that growing ahead stays within, while they suffice. */
  readonly maxRows?: number;
  /** Called before keys or values are handed out, to refuse it. */
  readonly read: () => void;
}

/**
 * Rows of all layers of one sequence. Capacity doubles from `firstRows`; an edit that leaves half
 * of it unused gives it back.
 */
export class MockCache implements CacheView, CachePositions {
  readonly layers: number;
  readonly kvHeads: number;
  nextPosition = 0;
  /** The difference between the rotary position and the position of a new row. */
  rotaryOffset = 0;
  private readonly held: MockLayer[];

  constructor(
    private readonly shape: DecoderShape,
    private readonly options: MockCacheOptions,
    held?: MockLayer[],
  ) {
    this.layers = shape.layers;
    this.kvHeads = shape.kvHeads;
    this.held =
      held ?? Array.from({ length: shape.layers }, () => new MockLayer(shape, options.firstRows));
  }

  /** Nothing was read, or what was is taken back and had not made the buffers grow. */
  get isNew(): boolean {
    const { firstRows } = this.options;
    const isUnused = this.nextPosition === 0 && this.rotaryOffset === 0;
    return isUnused && this.held.every(({ capacity }) => capacity === firstRows);
  }

  get nextRotaryPosition(): number {
    return this.nextPosition + this.rotaryOffset;
  }

  rows(layer: number): number {
    return this.held[layer].rows;
  }

  positions(layer: number, kvHead: number): Int32Array {
    return this.held[layer].positions(kvHead);
  }

  keys(layer: number): Float32Array {
    this.options.read();
    return this.held[layer].packed('keys');
  }

  values(layer: number): Float32Array {
    this.options.read();
    return this.held[layer].packed('values');
  }

  get bytes(): number {
    return this.held.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get lastPosition(): number {
    return this.last((layer, head) => layer.positions(head));
  }

  get lastRotaryPosition(): number {
    return this.last((layer, head) => layer.rotaryPositions(head));
  }

  /** Adds a row to every KV head of a layer, for the caller to fill in `buffers`. */
  append(layer: number, position: number): number {
    const { rows, capacity } = this.held[layer];
    if (rows === capacity) this.held[layer] = this.held[layer].resized(this.grown(rows + 1));
    return this.held[layer].append(position, position + this.rotaryOffset);
  }

  /** The buffers of a layer, [G, capacity, D]; valid until the next `append` or edit. */
  buffers(layer: number): Pick<MockLayer, 'keys' | 'values' | 'capacity'> {
    return this.held[layer];
  }

  /** @throws InvalidOptionsError with the cache as it was */
  edit(edit: CacheEdit): void {
    if ('truncate' in edit) this.truncate(edit.truncate);
    else this.keep(edit);
  }

  /** A copy of the rows that `edit` keeps, by default of all. @throws InvalidOptionsError */
  copy(edit?: KeepEdit): MockCache {
    const kept = edit && checkKeep('mock decoder, fork', this, edit);
    const held = this.held.map((layer, at) => {
      if (!kept) return layer.resized(layer.capacity);
      const copy = new MockLayer(this.shape, capacityFor(kept[at][0].length, edit));
      layer.gather(kept[at], copy);
      return copy;
    });
    const copy = new MockCache(this.shape, this.options, held);
    copy.nextPosition = this.nextPosition;
    copy.rotaryOffset = this.rotaryOffset;
    if (edit) copy.number(edit);
    return copy;
  }

  /** Takes a copy of the rows of another cache, and its numbering, instead of its own. */
  fillFrom(other: MockCache): void {
    const { held, nextPosition, rotaryOffset } = other.copy();
    this.held.splice(0, this.layers, ...held);
    this.nextPosition = nextPosition;
    this.rotaryOffset = rotaryOffset;
  }

  save(): SavedCache {
    return {
      nextPosition: this.nextPosition,
      nextRotaryPosition: this.nextRotaryPosition,
      layers: this.held.map((layer) => layer.save()),
    };
  }

  /** @throws InvalidOptionsError with the cache as it was */
  restore(saved: SavedCache): void {
    const where = 'mock decoder, restore';
    if (this.nextPosition > 0)
      throw new InvalidOptionsError(where, [
        { path: '', message: 'the sequence is not empty; open a new one' },
      ]);
    checkSaved(where, saved, this.shape);
    saved.layers.forEach((layer, at) => {
      this.held[at] = new MockLayer(this.shape, layer.rows + this.options.firstRows);
      this.held[at].restore(layer);
    });
    this.nextPosition = saved.nextPosition;
    this.rotaryOffset = saved.nextRotaryPosition - saved.nextPosition;
  }

  free(): void {
    for (let layer = 0; layer < this.layers; layer++)
      this.held[layer] = new MockLayer(this.shape, 0);
  }

  /** Capacity for a layer that is full. */
  private grown(rows: number): number {
    const { maxRows = 0 } = this.options;
    const doubled = Math.max(rows, 2 * (rows - 1));
    return rows <= maxRows ? Math.min(maxRows, doubled) : doubled;
  }

  private keep(edit: KeepEdit): void {
    checkKeep('mock decoder, edit', this, edit).forEach((heads, at) => {
      const layer = this.held[at];
      layer.gather(heads, layer);
      const { rows, capacity } = layer;
      const wanted = capacityFor(rows, edit);
      const resize = edit.rowsAhead === undefined ? capacity >= 2 * wanted : capacity !== wanted;
      if (resize) this.held[at] = layer.resized(wanted);
    });
    this.number(edit);
  }

  /** Numbers the kept rows, and the next one. */
  private number({ refeed = 0, renumber }: KeepEdit): void {
    if (refeed) this.backTo(this.nextPosition - refeed);
    if (!renumber) return;
    const most = Math.max(...this.held.map(({ rows }) => rows));
    for (const layer of this.held) layer.renumber(most - layer.rows);
    this.rotaryOffset = most - this.nextPosition;
  }

  /**
   * The next rotary position goes back as far as the next position, but not onto a row that is
   * left.
   */
  private backTo(position: number): void {
    this.nextPosition = position;
    this.rotaryOffset = Math.max(this.rotaryOffset, this.lastRotaryPosition + 1 - position);
  }

  private truncate(position: number): void {
    const left = checkTruncate('mock decoder, edit', this, position);
    left.forEach((rows, layer) => {
      this.held[layer].rows = rows;
    });
    this.backTo(position);
  }

  /** The largest of any row; -1 when there is none. */
  private last(of: (layer: MockLayer, head: number) => Int32Array): number {
    let last = -1;
    for (const layer of this.held)
      for (let head = 0; head < this.kvHeads; head++)
        last = Math.max(last, of(layer, head).at(-1) ?? -1);
    return last;
  }
}

/** Without `rowsAhead` one more row: mostly a token is fed next. */
function capacityFor(rows: number, { refeed = 0, rowsAhead }: KeepEdit): number {
  return rows + (rowsAhead === undefined ? 1 : refeed + rowsAhead);
}
