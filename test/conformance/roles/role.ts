// What actors do, written once for blocking and async calls.

/** How an actor waits: its thread blocks, or it is an async task. */
export type Manner = 'thread' | 'task';

/** A promise from an async task, a value from a thread. */
export type Awaitable<Value> = Value | Promise<Value>;

/** What the actors of a test share besides the primitive. */
export type Scratch = Int32Array<SharedArrayBuffer>;

/** Makes the acts of one actor with a primitive; tests call them wherever the actor is. */
export interface Role<Subject, Acts> {
  thread(subject: Subject, scratch: Scratch): Acts;
  task(subject: Subject, scratch: Scratch): Acts;
}

/** What an actor throws when a test needs an error in the middle of something. */
export class Mishap extends Error {
  override readonly name = 'Mishap';
}
