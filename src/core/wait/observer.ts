/**
 * The seam by which other parts see waits: observers, none by default. A wait begins when a few looks have not got what it is
 * for; what is got before that costs nothing.
 */
import type { Subject, Wait } from './wait.js';

/** How long an agent has been blocked when others are to see it, in ms. */
export const LASTING_MS = 10;

/** What a part wants to be told of the waits of its agent. It is called where nothing may be thrown. */
export interface Observer {
  /** A wait begins, of the agent itself or of a task of it. */
  begins?(wait: Wait, isTask: boolean): void;
  /**
   * Told again and again while the agent itself blocks, each time it is awake to look after others.
   *
   * @param waited how long it has waited, in ms
   * @returns what to end the wait with, if it is to end without what it is for
   */
  lasts?(wait: Wait, waited: number): Error | undefined;
  /**
   * A wait is over.
   *
   * @param waited how long it took, in ms
   * @param got whether it got what it was for
   */
  ends?(wait: Wait, isTask: boolean, waited: number, got: boolean): void;
  /** A primitive tells what the calling agent does with it, where no method of it shows that. */
  does?(subject: Subject, deed: Deed): void;
}

/** What an agent does: `drop` is a release that another has asked for. */
export type Deed = 'acquire' | 'release' | 'drop' | 'ask';

let observers: readonly Observer[] = [];

/** Has an observer told of the waits of this agent. */
export function observe(by: Observer): void {
  if (!observers.includes(by)) observers = [...observers, by];
}

/** Tells an observer no more. */
export function unobserve(by: Observer): void {
  observers = observers.filter((each) => each !== by);
}

export function waitBegins(wait: Wait, isTask: boolean): void {
  for (const each of observers) each.begins?.(wait, isTask);
}

/** @returns what the first observer ends the wait with that wants to */
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
