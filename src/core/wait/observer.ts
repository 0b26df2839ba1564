/**
 * The seam by which other parts see waits: one observer, none by default. What is here costs a wait that ends within
 * LASTING_MS nothing.
 */
import type { Wait } from './wait.js';

/** How long an agent has been blocked when others are to see it, in ms. */
export const LASTING_MS = 10;

export interface Observer {
  /**
   * Told again and again while the calling agent blocks, each time it is awake to look after others.
   *
   * @param waited how long it has waited, in ms
   * @returns what to end the wait with, if it is to end without what it is for
   */
  lasts(wait: Wait, waited: number): Error | undefined;
}

export let observer: Observer | undefined;

/** Puts the observer of all waits of this agent in the place of the one before. */
export function observe(by: Observer | undefined): void {
  observer = by;
}
