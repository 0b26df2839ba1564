/**
 * A first-in, first-out list of the records of waits, threaded through the records themselves. The user's own lock guards
 * it: everything here is called with that lock held, so one access after the other does.
 *
 * A *link* is the index of two words, the links before and behind it; the list's own link stands where a record's would,
 * so that no end is a special case.
 *
 * ```text
 * link   0  next      the list's: its first
 *        1  prev      the list's: its last
 *        2  changing  the list's alone: 1 while somebody changes it; plain, since only the lock's next holder asks
 * ```
 *
 * If the holder of the lock dies while it changes the list, `changing` says so. The links forward are whole at every
 * moment, but for the record that was being put in or taken out; those backward may not be.
 */
const NEXT = 0;
const PREV = 1;
const CHANGING = 2;
export const LINK_WORDS = 2;
export const LIST_WORDS = 3;

/** Makes the link of a new list: an empty one points to itself. */
export function clearList(words: Int32Array, list: number): void {
  Atomics.store(words, list + NEXT, list);
  Atomics.store(words, list + PREV, list);
}

/** @returns the first link, or the list's own when nobody is in it; a plain read, since nobody else changes the list */
export const firstLink = (words: Int32Array, list: number): number => words[list + NEXT];

/** Whether somebody died while it changed the list. */
export const isHalfChanged = (words: Int32Array, list: number): boolean => words[list + CHANGING] !== 0;

/** Says that a change begins, or has ended, which is more than to put a link in or to take one out. */
export function setChanging(words: Int32Array, list: number, changing: boolean): void {
  words[list + CHANGING] = changing ? 1 : 0;
}

/** Puts a link at the end, as a part of a change. */
export function append(words: Int32Array, list: number, link: number): void {
  const last = words[list + PREV];
  Atomics.store(words, link + NEXT, list);
  Atomics.store(words, link + PREV, last);
  Atomics.store(words, last + NEXT, link);
  Atomics.store(words, list + PREV, link);
}

/** Takes a link out, as a part of a change. */
export function unlink(words: Int32Array, link: number): void {
  const next = words[link + NEXT];
  const prev = words[link + PREV];
  Atomics.store(words, prev + NEXT, next);
  Atomics.store(words, next + PREV, prev);
}

/**
 * Threads the list anew. Who dies here leaves it half changed, and some links perhaps out of it.
 *
 * @param links what is to be in it, in their order
 */
export function thread(words: Int32Array, list: number, links: readonly number[]): void {
  // From the end on: so every link leads back to the list at each moment, by the old way or by the new one.
  let next = list;
  for (let i = links.length - 1; i >= -1; i--) {
    const link = i < 0 ? list : links[i];
    Atomics.store(words, link + NEXT, next);
    Atomics.store(words, next + PREV, link);
    next = link;
  }
  setChanging(words, list, false);
}

/**
 * For people, too: without the lock the list may change under way.
 *
 * @returns the links that are in it, in their order
 */
export function linksIn(words: Int32Array, list: number): number[] {
  const links: number[] = [];
  for (let at = firstLink(words, list); at !== list && links.length < words.length; at = firstLink(words, at)) {
    links.push(at);
  }
  return links;
}
