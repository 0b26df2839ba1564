// What actors do, as one text for blocking and async calls.

/** How an actor waits: its thread blocks, or it is an async task. */
export type Manner = 'thread' | 'task';

/** What an async task returns as a promise, a thread returns at once. */
export type Awaitable<Value> = Value | Promise<Value>;

/** What actors of a test share beside the primitive. */
export type Scratch = Int32Array<SharedArrayBuffer>;

/** Makes what one actor can do with a primitive; tests call its methods, wherever the actor is. */
export interface Role<Subject, Acts> {
  thread(subject: Subject, scratch: Scratch): Acts;
  task(subject: Subject, scratch: Scratch): Acts;
}

/** What an actor throws where a test wants an error in the midst of something. */
export class Mishap extends Error {
  override readonly name = 'Mishap';
}
