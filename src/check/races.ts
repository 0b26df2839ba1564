/**
 * Data races of plain accesses that were not declared.
 *
 * ECMAScript promises sequential consistency to programs without data races, so a step-by-step exploration is a proof
 * for them, and a race is an error. Two accesses of a word by two threads race if one of them writes, one is plain, and
 * neither happens before the other. If that is so in some execution, there is one in which both threads are about to
 * make these accesses at the same time: perform everything that happens before either, in the same order, and nothing
 * else. What each thread reads on that way was written by something that happens before it, or there would be an
 * earlier race (Boehm and Adve, "Foundations of the C++ Concurrency Memory Model", PLDI 2008, for locks). So it is
 * enough to look for such a state; the converse is obvious. No clocks are kept, because they would split states that
 * are one.
 *
 * This also holds if stores may be late: until others see a store, its thread has told them nothing that it did after
 * it. Words declared plain order what is done before and after them, as the verdict assumes.
 */
import type { Machine } from './machine.js';
import type { State } from './moves.js';
import type { Operation } from './operation.js';

/** The access of one of two threads that race. */
export interface Access {
  readonly thread: number;
  readonly word: number;
  readonly kind: 'read' | 'write' | 'Atomics read' | 'Atomics write';
}

/** A data race in a state, if there is one. */
export function raceIn(machine: Machine, state: State): readonly [Access, Access] | undefined {
  if (!hasUndeclared(machine, state)) return undefined;
  const accesses = [...nextAccesses(machine, state)];
  for (const one of accesses) {
    if (one.kind.startsWith('Atomics') || machine.words.isPlain(one.word)) continue;
    const other = accesses.find(({ thread, word, kind }) => {
      return thread !== one.thread && word === one.word && (one.kind === 'write' || kind.endsWith('write'));
    });
    if (other !== undefined) return [one, other];
  }
  return undefined;
}

/** Whether a thread is about to make an undeclared plain access. This is evaluated for every state. */
function hasUndeclared({ words }: Machine, { pasts }: State): boolean {
  for (const { stop } of pasts) {
    if (stop.kind === 'operation' && isPlain(stop.operation) && !words.isPlain(stop.operation.word)) return true;
  }
  return false;
}

const isPlain = ({ kind }: Operation): boolean => kind === 'read' || kind === 'write';

/** The accesses that the threads are about to make. */
function* nextAccesses({ images }: Machine, { image, pasts }: State): Iterable<Access> {
  for (const [thread, { stop }] of pasts.entries()) {
    if (stop.kind !== 'operation' || stop.operation.word < 0) continue;
    const { kind, word, a } = stop.operation;
    if (isPlain(stop.operation)) yield { thread, word, kind: kind as 'read' | 'write' };
    else if (kind === 'load' || kind === 'wait' || kind === 'waitAsync') yield { thread, word, kind: 'Atomics read' };
    else if (kind === 'compareExchange') {
      // A compareExchange that does not swap only reads.
      yield { thread, word, kind: images.get(image, word) === a ? 'Atomics write' : 'Atomics read' };
    } else if (kind !== 'notify') yield { thread, word, kind: 'Atomics write' };
  }
}
