/** The corpus as a table: what the explorer says of each algorithm, and what it takes to say so. */
import { explore } from 'atomics-sync-free/check';
import type { Algorithm } from './algorithm.js';

export const HEAD = `| algorithm | states | ms | its broken twin | found | states | ms |
|---|--:|--:|---|---|--:|--:|`;

/** An algorithm's row. Times are those of this run. */
export function rowOf(algorithm: Algorithm): string {
  const { name, source, flaw, wrongAsPublished = false } = algorithm;
  const right = wrongAsPublished ? ['–', '–'] : judged(algorithm, false).slice(1);
  return cells([`${name} (${source})`, ...right, flaw, ...judged(algorithm, true)]);
}

/** Verdict, states, ms; a correct algorithm has to be `ok`, because that has no column of its own. */
function judged(algorithm: Algorithm, broken: boolean): string[] {
  const began = performance.now();
  const { verdict, failure, states, note } = explore(algorithm.scenario(broken));
  const ms = Math.max(1, Math.round(performance.now() - began));
  if (!broken && verdict !== 'ok') throw new Error(`${algorithm.name} is ${verdict}: ${failure?.reason ?? note}`);
  return [failure?.kind ?? verdict, states.toLocaleString('en-US'), String(ms)];
}

/** A row without its times. */
export const timeless = (row: string): string => cells(row.split(' | ').filter((_, at) => at !== 2 && at !== 6));

const cells = (texts: readonly string[]): string => texts.join(' | ');
