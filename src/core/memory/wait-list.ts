/**
 * A first-in, first-out list of the records of waits, threaded through the records themselves. The user's own lock guards
 * it: everything here is called with that lock held, so sequential accesses suffice.
 *
 * A *link* is the index of two words, the next and the previous link; the list's own link takes the place of a record's, so
 * that neither end is a special case.
 *
 * ```text
 * link   0  next      the list's: its first
 *        1  prev      the list's: its last
 *        2  changing  only the list's: 1 while somebody changes it; plain, since only the lock's next holder reads it
 * ```
 *
 * If the holder of the lock dies while it changes the list, `changing` says so. The forward links are intact at every
 * moment, except for the record that was being inserted or removed; the backward links may not be.
 */
const NEXT = 0;
const PREV = 1;
const CHANGING = 2;
export const LINK_WORDS = 2;
export const LIST_WORDS = 3;

/** Initializes the link of a new list: an empty list points to itself. */
export function clearList(words: Int32Array, list: number): void {
  Atomics.store(words, list + NEXT, list);
  Atomics.store(words, list + PREV, list);
}

/** @returns the first link, or the list's own when it is empty; a plain read, because nobody else changes the list */
export const firstLink = (words: Int32Array, list: number): number => words[list + NEXT];

/** Whether an agent died while it was changing the list. */
export const isHalfChanged = (words: Int32Array, list: number): boolean => words[list + CHANGING] !== 0;

/** Marks the beginning or end of a change, which is more than inserting or removing one link. */
export function setChanging(words: Int32Array, list: number, changing: boolean): void {
  words[list + CHANGING] = changing ? 1 : 0;
}

/** Appends a link, as part of a change. */
export function append(words: Int32Array, list: number, link: number): void {
  const last = words[list + PREV];
  Atomics.store(words, link + NEXT, list);
  Atomics.store(words, link + PREV, last);
  Atomics.store(words, last + NEXT, link);
  Atomics.store(words, list + PREV, link);
}

/** Removes a link, as part of a change. */
export function unlink(words: Int32Array, link: number): void {
  const next = words[link + NEXT];
  const prev = words[link + PREV];
  Atomics.store(words, prev + NEXT, next);
  Atomics.store(words, next + PREV, prev);
}

/**
 * Rebuilds the list. An agent that dies here leaves it half changed, perhaps with some links outside it.
 *
 * @param links the new links of the list, in order
 */
export function thread(words: Int32Array, list: number, links: readonly number[]): void {
  // From the end, so that every link leads back to the list at each moment, along the old path or the new one.
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
 * Also for human readers: without the lock, the list may change meanwhile.
 *
 * @returns the links of the list, in order
 */
export function linksIn(words: Int32Array, list: number): number[] {
  const links: number[] = [];
  for (let at = firstLink(words, list); at !== list && links.length < words.length; at = firstLink(words, at)) {
    links.push(at);
  }
  return links;
}
