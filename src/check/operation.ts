/** What a thread can ask of the world: the operations of `Atomics`, and the explorer's own. */
export type OperationKind =
  | 'load'
  | 'store'
  | 'exchange'
  | 'compareExchange'
  | 'add'
  | 'sub'
  | 'and'
  | 'or'
  | 'xor'
  | 'wait'
  | 'notify'
  | 'waitAsync'
  | 'read' // a declared plain read
  | 'write' // a declared plain write
  | 'choose' // Thread.choose(n)
  | 'step' // Thread.step()
  | 'call' // a method of a primitive: see objects/specification.ts
  | 'now' // performance.now() after a timed wait that was notified: in time, or already late
  | 'joinDead' // Thread.joinDead(...)
  | 'mark' // Thread.mark(key), a phase boundary, Atomics.pause() with pauseMarks
  | 'turn'; // the event loop runs a continuation

/**
 * One operation with its arguments.
 *
 * `a` and `b` are what the kind needs: the value operand of a store or read-modify-write; expected and replacement of a
 * compareExchange; value and timeout (ms) of a wait; count of a notify; number of alternatives of a choice; bit set of
 * threads of a joinDead; task of a turn; argument and timeout (ms) of a call.
 */
export interface Operation {
  readonly kind: OperationKind;
  /** The word it operates on (an index into the table of words), or -1. */
  readonly word: number;
  readonly a: number;
  readonly b: number;
  /** The key of a mark, the action of a call. */
  readonly key: string;
}

/** The result of an operation: a number (the old value, a count, a task, a choice) or the string that a wait returns. */
export type Result = number | 'ok' | 'not-equal' | 'timed-out';

export function operation(kind: OperationKind, word = -1, a = 0, b = 0, key = ''): Operation {
  return { kind, word, a, b, key };
}

export function sameOperation(x: Operation, y: Operation): boolean {
  return x.kind === y.kind && x.word === y.word && x.a === y.a && x.b === y.b && x.key === y.key;
}
