/**
 * The seam through which other parts observe waits; there are no observers by default. A wait begins when a few looks have
 * been unsuccessful; success before that costs nothing.
 */
import type { Subject, Wait } from './wait.js';

/** How long an agent must have been blocked before others see it, in ms. */
export const LASTING_MS = 10;

/** What a part wants to know about the waits of its agent. Its methods must not throw. */
export interface Observer {
  /** A wait of the agent itself or of one of its tasks begins. */
  begins?(wait: Wait, isTask: boolean): void;
  /**
   * Called again and again while the agent itself blocks, each time it is awake to check on others.
   *
   * @param waited how long it has waited, in ms
   * @returns the error with which to end the wait, if it is to end unsuccessfully
   */
  lasts?(wait: Wait, waited: number): Error | undefined;
  /**
   * A wait is over.
   *
   * @param waited how long it took, in ms
   * @param got whether it succeeded
   */
  ends?(wait: Wait, isTask: boolean, waited: number, got: boolean): void;
  /** A primitive reports what the calling agent does with it, where no method call shows that. */
  does?(subject: Subject, deed: Deed): void;
}

/** What an agent does: `drop` is a release that another agent asked for. */
export type Deed = 'acquire' | 'release' | 'drop' | 'ask';

let observers: readonly Observer[] = [];

/** Adds an observer of this agent's waits. */
export function observe(by: Observer): void {
  if (!observers.includes(by)) observers = [...observers, by];
}

/** Removes an observer. */
export function unobserve(by: Observer): void {
  observers = observers.filter((each) => each !== by);
}

export function waitBegins(wait: Wait, isTask: boolean): void {
  for (const each of observers) each.begins?.(wait, isTask);
}

/** @returns the error of the first observer that wants to end the wait */
export function waitLasts(wait: Wait, waited: number): Error | undefined {
  let end: Error | undefined;
  for (const each of observers) end ??= each.lasts?.(wait, waited);
  return end;
}

export function waitEnds(wait: Wait, isTask: boolean, waited: number, got: boolean): void {
  for (const each of observers) each.ends?.(wait, isTask, waited, got);
}

export function tell(subject: Subject, deed: Deed): void {
  for (const each of observers) each.does?.(subject, deed);
}
