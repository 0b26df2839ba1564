/**
 * What is recorded of primitives besides waits. While an agent records, the methods by which it acquires, releases and signals
 * are others, which call those of the classes and note what came of it; at the end the classes' own are put back. So the
 * primitives know nothing of traces, and who records none pays nothing, be it a look at a flag.
 *
 * The time of an acquisition is taken after it, that of a release or signal before it: what a release let through
 * comes after it in any case.
 */
import type { SharedObject } from '../core/share/shared-object.js';
import { Barrier } from '../sync/barrier.js';
import { Condition } from '../sync/condition.js';
import { Event } from '../sync/event.js';
import { Lock } from '../sync/lock.js';
import { ReadLock } from '../sync/read-lock.js';
import { RLock } from '../sync/rlock.js';
import { Semaphore } from '../sync/semaphore.js';
import { WriteLock } from '../sync/write-lock.js';
import { ACQUIRE, RELEASE, SIGNAL, TASK } from './events.js';
import type { Recorder } from './recorder.js';

type Method = (this: SharedObject, first?: unknown, second?: unknown) => unknown;
/** Makes what stands in a method's place; what is re-entrant goes on to be held when it is entered again, or left but not free. */
type Wrap = (original: Method, recorder: Recorder, isReentrant: boolean) => Method;
type Wraps = Readonly<Record<string, Wrap>>;

/** The primitive that is in a method that is noted already: what that calls of itself is part of it. */
let inside: SharedObject | undefined;

function callInside(object: SharedObject, method: Method, first: unknown, second: unknown): unknown {
  const outer = inside;
  inside = object;
  try {
    return method.call(object, first, second);
  } finally {
    inside = outer;
  }
}

const isNested = (object: SharedObject): boolean => (object as RLock).recursionCount !== 1;

const acquires: Wrap = (original, recorder, isReentrant) =>
  function (first, second) {
    if (inside === this) return original.call(this, first, second);
    const got = callInside(this, original, first, second);
    if (got === true && !(isReentrant && isNested(this))) recorder.note(ACQUIRE, this, 1, recorder.time());
    return got;
  };

const acquiresAsync: Wrap = (original, recorder) =>
  function (first, second) {
    const promise = original.call(this, first, second) as Promise<unknown>;
    return promise.then((got) => {
      if (got !== false) recorder.note(ACQUIRE | TASK, this, 1, recorder.time());
      return got;
    });
  };

const releases: Wrap = (original, recorder, isReentrant) =>
  function (first, second) {
    if (inside === this) return original.call(this, first, second);
    const ends = !(isReentrant && isNested(this));
    const time = recorder.time();
    callInside(this, original, first, second);
    if (ends) recorder.note(RELEASE, this, typeof first === 'number' ? first : 1, time);
    return undefined;
  };

/** Of what is free afterwards in any case, and gives something back. */
const frees: Wrap = (original, recorder) =>
  function (first, second) {
    const time = recorder.time();
    const result = callInside(this, original, first, second);
    recorder.note(RELEASE, this, 1, time);
    return result;
  };

const signals: Wrap = (original, recorder) =>
  function (first, second) {
    recorder.note(SIGNAL, this, typeof first === 'number' ? first : 1, recorder.time());
    return original.call(this, first, second);
  };

const PROBES: readonly (readonly [prototype: object, wraps: Wraps])[] = [
  [Lock.prototype, { acquire: acquires, tryAcquire: acquires, acquireAsync: acquiresAsync, release: releases }],
  [
    RLock.prototype,
    {
      acquire: acquires,
      tryAcquire: acquires,
      holdAsync: acquiresAsync,
      acquireAgainAsync: acquiresAsync,
      release: releases,
      releaseFully: frees,
      freeForTask: frees,
    },
  ],
  [
    Semaphore.prototype,
    {
      acquire: acquires,
      tryAcquire: acquires,
      acquireToHold: acquires,
      acquireAsync: acquiresAsync,
      acquireToHoldAsync: acquiresAsync,
      release: releases,
      releaseBlocking: releases,
      releaseByTask: releases,
    },
  ],
  [ReadLock.prototype, { acquire: acquires, acquireAsync: acquiresAsync, release: releases, releaseByTask: releases }],
  [WriteLock.prototype, { acquire: acquires, tryAcquire: acquires, acquireAsync: acquiresAsync, release: releases }],
  [Event.prototype, { set: signals }],
  [Condition.prototype, { notify: signals, notifyAll: signals }],
  [Barrier.prototype, { wait: signals, waitAsync: signals }],
];

/**
 * Has the methods of all primitives note what they do.
 *
 * @returns how to put back what was there before
 */
export function putProbes(recorder: Recorder): () => void {
  const back = PROBES.flatMap(([prototype, wraps]) =>
    Object.entries(wraps).map(([name, wrap]) => replace(prototype, name, wrap, recorder)),
  );
  return () => {
    for (const restore of back) restore();
  };
}

function replace(prototype: object, name: string, wrap: Wrap, recorder: Recorder): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  const original = (prototype as Readonly<Record<string, Method>>)[name];
  Object.defineProperty(prototype, name, {
    value: wrap(original, recorder, prototype === RLock.prototype),
    writable: true,
    configurable: true,
    enumerable: false,
  });
  return () => {
    if (own === undefined) delete (prototype as Record<string, unknown>)[name];
    else Object.defineProperty(prototype, name, own);
  };
}
