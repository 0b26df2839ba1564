/** Parsers for the numbers among the options of commands. */
import { InvalidArgumentError } from 'commander';
import { count } from './figures.js';

/** Which numbers an option takes. */
interface Accepted {
  /** Whether they must be whole. */
  readonly whole?: true;
  /** The smallest. */
  readonly from?: number;
  /** An exclusive lower bound, where there is no `from`. */
  readonly above?: number;
  /** The largest. */
  readonly to?: number;
}

/**
 * @param accepted the numbers that the option takes
 * @returns the parser that commander calls with the option's text; it throws InvalidArgumentError, which says what is
 *   accepted
 */
export function numberOption({ whole, from, above = -Infinity, to = Infinity }: Accepted): (text: string) => number {
  const least = from === undefined ? `above ${count(above)}` : `of at least ${count(from)}`;
  const most = to === Infinity ? '' : ` and at most ${count(to)}`;
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const inRange = (from === undefined ? value > above : value >= from) && value <= to;
    if (inRange && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number ${least}${most}.`);
  };
}
