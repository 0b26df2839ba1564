/** Values that differ from run to run, whatever threads do. */
import { Unsupported } from './unsupported.js';
import { Constant, type Value } from './value.js';

/** A time, or a random number: it can be calculated with, shown, and slept for, but nothing may depend on it. */
export class Unpredictable extends Constant {
  constructor(readonly what: string) {
    super();
  }
}

/** @throws Unsupported if one of the values is unpredictable, and something would depend on it */
export function refuseUnpredictable(...values: readonly Value[]): void {
  const value = values.find((each) => each instanceof Unpredictable);
  if (value !== undefined) throw new Unsupported(`what depends on ${value.what}, which differs from run to run,`);
}
