/** What a verdict rests on, in words: part of the verdict. */
import type { History } from './history.js';
import type { Pasts } from './past.js';
import { LONG } from './spins.js';
import type { Words } from './words.js';

/** What was explored. */
interface Explored {
  readonly histories: readonly History[];
  readonly pasts: Pasts;
  readonly words: Words;
  /** Whether plain stores may be late. */
  readonly buffers: boolean;
  /** The names of the threads that have nothing to do. */
  readonly idle: readonly string[];
}

/** @returns one clause for each thing that is taken for granted */
export function assumptions(explored: Explored): string[] {
  const { histories, idle } = explored;
  const loops = new Set(histories.flatMap((history) => history.loops()));
  const marked = histories.some((history) => history.hasMerged);
  return [
    ...ofPlainWords(explored),
    marked ? 'the keys of marks capture all state that matters' : '',
    loops.size === 0 ? '' : `what loops ${LONG} times loops for ever: ${few(loops)}`,
    // Without loops, every thread comes to its end.
    marked || loops.size > 0 ? 'no thread loops for ever while others take their turns, which is not checked' : '',
    idle.length === 0 ? '' : `there is nothing to do for ${few(idle)}`,
  ].filter((each) => each !== '');
}

/** What is taken for granted about the words that threads use plainly. */
function ofPlainWords({ pasts, words, buffers }: Explored): string[] {
  const [declared, others] = [new Set<string>(), new Set<string>()];
  for (let id = 0; id < pasts.count; id++) {
    const { stop } = pasts.byId(id);
    if (stop.kind !== 'operation' || !['read', 'write'].includes(stop.operation.kind)) continue;
    const { word } = stop.operation;
    (words.isPlain(word) ? declared : others).add(words.nameOf(word));
  }
  const racy = buffers
    ? `plain accesses are those of an x86, whose stores may be late, in program order (memoryModel 'tso'), of ${few(declared)}`
    : `plain accesses see the latest value of ${few(declared)}`;
  const free = `plain accesses without a data race are sequentially consistent, as ECMAScript promises, of ${few(others)}`;
  return [declared.size === 0 ? '' : racy, others.size === 0 ? '' : free];
}

/** The first few names, and how many more there are. */
function few(names: Iterable<string>): string {
  const all = [...names].filter((name) => name !== '');
  return all.length > 3 ? `${all.slice(0, 3).join(', ')} and ${all.length - 3} more` : all.join(', ');
}
