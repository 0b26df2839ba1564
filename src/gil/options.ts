/** A GIL's options, and how they are checked. */
import { checkFields, type Fields, shown } from '../core/arguments.js';
import type { PlaceOptions } from '../core/share/place.js';

/** Options of a new GIL. */
export interface GILOptions extends PlaceOptions {
  /** How long a waiter waits before it asks the holder to drop the GIL, in ms: above 0, at most 2,000,000; 5 by default. */
  switchInterval?: number | undefined;
  /** False for free threading (PEP 703): there is no lock, and all calls return at once. True by default. */
  enabled?: boolean | undefined;
}

const FIELDS: Fields<GILOptions> = { arena: true, name: true, switchInterval: true, enabled: true };

/** ms */
export const DEFAULT_INTERVAL = 5;
/** ms; above 2³¹ µs, the word that holds it would overflow. */
const LONGEST_INTERVAL = 2_000_000;

/** @returns a switch interval in the unit of its word: whole µs, at least one */
export const microseconds = (ms: number): number => Math.max(Math.round(ms * 1000), 1);

export function checkInterval(ms: number): void {
  if (typeof ms !== 'number') throw new TypeError(`switchInterval must be a number of ms, not ${shown(ms)}`);
  if (!(ms > 0 && ms <= LONGEST_INTERVAL)) {
    throw new RangeError(`switchInterval must be above 0 and at most ${LONGEST_INTERVAL} ms, not ${ms}`);
  }
}

export function checkGILOptions(options: GILOptions): void {
  checkFields('GIL', options, FIELDS);
  const { switchInterval, enabled } = options;
  if (switchInterval !== undefined) checkInterval(switchInterval);
  if (enabled !== undefined && typeof enabled !== 'boolean') {
    throw new TypeError(`enabled must be a boolean, not ${shown(enabled)}`);
  }
}
