/** How a Memory is made smaller: the least recently used results go first. */
import { list, look } from '#files';
import { checkFields, checkTimeout, type Fields, shown } from '../../core/arguments.js';
import { sinceEpoch } from '../../core/wait/clock.js';
import type { Look } from '../files/files.js';
import { removeAll } from './refused.js';
import { RESULT } from './shelf.js';

/** What may be left. */
export interface Limits {
  /** At most this many bytes. */
  readonly bytesLimit?: number | undefined;
  /** At most this many results. */
  readonly itemsLimit?: number | undefined;
  /** None that has not been used for this many ms. */
  readonly ageLimit?: number | undefined;
}

const FIELDS: Fields<Limits> = { bytesLimit: true, itemsLimit: true, ageLimit: true };

/** A file that was begun this many ms ago will not be finished. */
const FORSAKEN_AFTER = 60 * 60 * 1000;

interface Found extends Look {
  readonly path: string;
}

/** @throws TypeError when a limit is not a number, or its name is unknown; RangeError when it is NaN or negative */
export function checkLimits(limits: Limits): void {
  checkFields('reduceSize', limits, FIELDS);
  const { bytesLimit, itemsLimit, ageLimit } = limits;
  for (const [name, limit] of Object.entries({ bytesLimit, itemsLimit })) {
    if (limit === undefined) continue;
    if (typeof limit !== 'number') throw new TypeError(`${name} must be a number, not ${shown(limit)}`);
    if (!(limit >= 0)) throw new RangeError(`${name} must be 0 or more, not ${limit}`);
  }
  if (ageLimit !== undefined) checkTimeout(ageLimit, 'ageLimit');
}

/**
 * @param root the folder of the functions' folders
 * @throws what the host threw first, when everything that could be removed has been
 */
export function reduce(root: string, limits: Limits): void {
  const { bytesLimit = Infinity, itemsLimit = Infinity, ageLimit = Infinity } = limits;
  const found = list(root).flatMap((folder) => filesIn(`${root}/${folder}`));
  const kept = found.filter(({ path }) => path.endsWith(RESULT)).sort((one, other) => other.usedAt - one.usedAt);
  const oldest = sinceEpoch() - ageLimit;
  let [bytes, items] = [0, 0];
  const isOver = ({ size, usedAt }: Found): boolean => {
    if (bytes + size > bytesLimit || items >= itemsLimit || usedAt < oldest) return true;
    bytes += size;
    items++;
    return false;
  };
  removeAll([...found.filter(isForsaken), ...kept.filter(isOver)].map(({ path }) => path));
}

/** Whether nobody will finish it. */
const isForsaken = ({ path, changedAt }: Found): boolean =>
  path.endsWith('.tmp') && sinceEpoch() - changedAt > FORSAKEN_AFTER;

/** What is in the folder of a function. */
function filesIn(folder: string): Found[] {
  return list(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    const seen = look(path);
    return seen === undefined ? [] : [{ path, ...seen }];
  });
}
