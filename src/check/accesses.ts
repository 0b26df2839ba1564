/** What operations on words do and return: the methods of Atomics, and plain reads and writes. */
import type { Oracle } from './finding.js';
import type { Image, Images } from './images.js';
import type { Operation } from './operation.js';
import type { Queue } from './queues.js';

/** Performs an operation on a word. */
export function access(images: Images, image: Image, operation: Operation): { image: Image; result: number } {
  const { kind, word, a } = operation;
  // The code cannot know the value before a store, so that value is no part of its past.
  const overwrites = kind === 'store' || kind === 'write';
  const result = overwrites ? a : images.get(image, word);
  return { image: images.set(image, word, overwrites ? a : changed(operation, result)), result };
}

/** The value of a word after an operation that found `old` in it. */
function changed({ kind, a, b }: Operation, old: number): number {
  switch (kind) {
    case 'exchange':
      return a;
    case 'compareExchange':
      return old === a ? b : old;
    case 'add':
      return (old + a) | 0;
    case 'sub':
      return (old - a) | 0;
    case 'and':
      return old & a;
    case 'or':
      return old | a;
    case 'xor':
      return old ^ a;
    default:
      return old;
  }
}

/** Results of a thread's operations while it goes on alone, as far as they follow from the words' values and the waiters. */
export function oracleOf(images: Images, from: Image, { waiters }: Queue): Oracle {
  let image = from;
  return (operation) => {
    const { kind, word, a } = operation;
    switch (kind) {
      case 'wait':
        return images.get(image, word) === a ? undefined : 'not-equal';
      case 'notify':
        return waiters.some((each) => each.word === word) ? undefined : 0;
      case 'choose':
      case 'now':
      case 'step':
        return 0;
      case 'waitAsync':
      case 'call':
      case 'joinDead':
        return undefined;
      default: {
        const done = access(images, image, operation);
        image = done.image;
        return done.result;
      }
    }
  };
}
