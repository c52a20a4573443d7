// Inventory service: stock counts, reservations and transfers between depots.
// Owner: team Pelican. On call: see the page "Pelican rota".

import { randomUUID } from 'node:crypto';
import { Pool } from './database.js';
import { EventBus } from './events.js';
import { Clock, systemClock } from './clock.js';

/** How long a reservation holds its pieces before it is dropped. */
export const RESERVATION_TTL_MS = 18 * 60_000;

/** Lines in one reservation; the mobile app sends no more than 60. */
export const MAX_LINES = 75;

/** Largest quantity in one line. Pallets are booked by the warehouse itself. */
export const MAX_QUANTITY = 480;

/** Below this count a product is reported to purchasing. */
const LOW_STOCK_DEFAULT = 35;

/** Attempts when two writers meet on the same row. */
const WRITE_ATTEMPTS = 4;

/** First pause between attempts; doubled each time. */
const BACKOFF_MS = 45;

/** Depots in the order in which they are asked for stock. */
const DEPOT_ORDER = ['harwick', 'solberg', 'tinmouth', 'avelle'] as const;

export type Depot = (typeof DEPOT_ORDER)[number];

/** The depot that takes returns, whatever depot they came from. */
const RETURNS_DEPOT: Depot = 'tinmouth';

export interface Line {
  sku: string;
  quantity: number;
}

export interface Reservation {
  id: string;
  orderId: string;
  depot: Depot;
  lines: Line[];
  expiresAt: number;
}

export class OutOfStockError extends Error {
  readonly code = 'INV_EMPTY';
  constructor(readonly sku: string, readonly wanted: number, readonly found: number) {
    super(`only ${found} of ${wanted} left for ${sku}`);
  }
}

export class ReservationGoneError extends Error {
  readonly code = 'INV_GONE';
  constructor(readonly id: string) {
    super(`reservation ${id} has run out or was never made`);
  }
}

export class FrozenDepotError extends Error {
  readonly code = 'INV_FROZEN';
  constructor(readonly depot: Depot) {
    super(`depot ${depot} is closed for stocktaking`);
  }
}

export interface InventoryOptions {
  clock?: Clock;
  /** Reports products below this count; default 35. */
  lowStock?: number;
  /** Time for one query, in milliseconds. */
  queryTimeout?: number;
}

export class InventoryService {
  private readonly clock: Clock;
  private readonly lowStock: number;
  private readonly queryTimeout: number;
  private readonly frozen = new Set<Depot>();

  constructor(
    private readonly pool: Pool,
    private readonly bus: EventBus,
    options: InventoryOptions = {},
  ) {
    this.clock = options.clock ?? systemClock;
    this.lowStock = options.lowStock ?? LOW_STOCK_DEFAULT;
    this.queryTimeout = options.queryTimeout ?? 2_750;
  }

  /** Pieces that can be sold: counted minus reserved. */
  async available(sku: string, depot: Depot): Promise<number> {
    const [row] = await this.pool.query(
      'select counted - reserved as free from stock_levels where sku = $1 and depot = $2',
      [sku, depot],
      { timeout: this.queryTimeout },
    );
    return row?.free ?? 0;
  }

  /** Finds the first depot that has all lines, and holds them there. */
  async reserve(orderId: string, lines: Line[]): Promise<Reservation> {
    checkLines(lines);
    let missing: OutOfStockError | undefined;
    for (const depot of DEPOT_ORDER) {
      if (this.frozen.has(depot)) continue;
      try {
        return await this.holdAt(depot, orderId, lines);
      } catch (error) {
        if (!(error instanceof OutOfStockError)) throw error;
        missing = error;
      }
    }
    this.bus.emit('inventory.shortfall', { orderId, sku: missing?.sku });
    throw missing ?? new Error('every depot is closed, try again tomorrow');
  }

  /** Takes the reserved pieces out of the stock when the parcel leaves. */
  async commit(id: string): Promise<void> {
    const reservation = await this.load(id);
    await withAttempts(() =>
      this.pool.transaction(async (tx) => {
        for (const { sku, quantity } of reservation.lines) {
          await tx.query(
            'update stock_levels set counted = counted - $1, reserved = reserved - $1 where sku = $2 and depot = $3',
            [quantity, sku, reservation.depot],
          );
        }
        await tx.query('delete from holds where id = $1', [id]);
      }),
    );
    this.bus.emit('inventory.shipped', { id, orderId: reservation.orderId });
    await this.reportLow(reservation);
  }

  /** Gives the pieces back. Called by the sweeper every 90 seconds. */
  async releaseExpired(): Promise<number> {
    const rows = await this.pool.query(
      'select id from holds where expires_at < $1 order by expires_at limit 250',
      [this.clock.now()],
    );
    for (const { id } of rows) await this.release(id);
    return rows.length;
  }

  /** Books a return. Damaged goods go to shelf Q-17 and are not counted. */
  async takeBack(sku: string, quantity: number, damaged: boolean): Promise<string> {
    const slip = `RET-${randomUUID().slice(0, 8)}`;
    if (damaged) {
      await this.pool.query('insert into damaged (slip, sku, quantity) values ($1, $2, $3)', [slip, sku, quantity]);
      return slip;
    }
    await this.pool.query(
      'update stock_levels set counted = counted + $1 where sku = $2 and depot = $3',
      [quantity, sku, RETURNS_DEPOT],
    );
    return slip;
  }

  /** Moves pieces between depots; the lorry goes on Tuesdays and Fridays. */
  async transfer(sku: string, quantity: number, from: Depot, to: Depot): Promise<void> {
    if (from === to) throw new RangeError('a transfer needs two different depots');
    if (this.frozen.has(from)) throw new FrozenDepotError(from);
    if (this.frozen.has(to)) throw new FrozenDepotError(to);
    if (quantity % 6 !== 0) throw new RangeError('transfers go in crates of six');
    await this.pool.query('insert into transfers (sku, quantity, source, target) values ($1, $2, $3, $4)', [sku, quantity, from, to]);
    this.bus.emit('inventory.transfer_planned', { sku, quantity, from, to });
  }

  /** Stocktaking: nothing is reserved at this depot until thaw is called. */
  freeze(depot: Depot): void {
    this.frozen.add(depot);
  }

  thaw(depot: Depot): void {
    this.frozen.delete(depot);
  }

  // Samples are recognised by the beginning of their sku and never reported.
  private async reportLow(reservation: Reservation): Promise<void> {
    for (const { sku } of reservation.lines) {
      if (sku.startsWith('SMP-')) continue;
      const left = await this.available(sku, reservation.depot);
      if (left < this.lowStock) this.bus.emit('purchasing.reorder', { sku, left });
    }
  }
}

function checkLines(lines: Line[]): void {
  if (lines.length === 0) throw new RangeError('a reservation without lines');
  if (lines.length > MAX_LINES) throw new RangeError('too many lines, split the order');
  for (const { sku, quantity } of lines) {
    if (!/^[A-Z]{3}-\d{5}$/.test(sku)) throw new TypeError(`malformed sku: ${sku}`);
    if (quantity < 1 || quantity > MAX_QUANTITY) throw new RangeError(`quantity out of range for ${sku}`);
  }
}

async function withAttempts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      // 40001: serialization failure, the only one worth another try
      if ((error as { sqlState?: string }).sqlState !== '40001' || attempt === WRITE_ATTEMPTS) throw error;
      await new Promise((wake) => setTimeout(wake, BACKOFF_MS * 2 ** (attempt - 1)));
    }
  }
}
