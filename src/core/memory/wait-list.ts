/**
 * A first-in, first-out list of the records of waits, threaded through the records themselves. The user's own lock guards
 * it: everything here is called with that lock held, so one access after the other does.
 *
 * A *link* is the index of two words, the links before and behind it; the list's own link stands where a record's would,
 * so that no end is a special case.
 *
 * ```text
 * link   0  next    the list's: its first
 *        1  prev    the list's: its last
 * ```
 */
const NEXT = 0;
const PREV = 1;
export const LINK_WORDS = 2;

/** Makes the link of a new list: an empty one points to itself. */
export function clearList(words: Int32Array, list: number): void {
  Atomics.store(words, list + NEXT, list);
  Atomics.store(words, list + PREV, list);
}

/** @returns the first link, or the list's own when nobody is in it; a plain read, since nobody else changes the list */
export const firstLink = (words: Int32Array, list: number): number => words[list + NEXT];

/** Puts a link at the end. */
export function append(words: Int32Array, list: number, link: number): void {
  const last = words[list + PREV];
  Atomics.store(words, link + NEXT, list);
  Atomics.store(words, link + PREV, last);
  Atomics.store(words, last + NEXT, link);
  Atomics.store(words, list + PREV, link);
}

/** Takes a link out of its list. */
export function unlink(words: Int32Array, link: number): void {
  const next = words[link + NEXT];
  const prev = words[link + PREV];
  Atomics.store(words, prev + NEXT, next);
  Atomics.store(words, next + PREV, prev);
}

/**
 * For people: without the lock the list may change under way.
 *
 * @returns about how many links there are
 */
export function countLinks(words: Int32Array, list: number): number {
  let count = 0;
  for (let at = firstLink(words, list); at !== list && count < words.length; count++) at = firstLink(words, at);
  return count;
}
