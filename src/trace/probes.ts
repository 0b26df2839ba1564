/**
 * Recording of what primitives do besides waits. While an agent records, the methods by which it acquires, releases and
 * signals are replaced by wrappers that call the classes' own and note the outcome; at the end the classes' own are restored.
 * So the primitives know nothing of traces, and an agent that does not record pays nothing, not even a check of a flag.
 *
 * The time of an acquisition is taken after it, that of a release or signal before it: so whatever a release lets
 * through comes after it.
 */
import type { SharedObject } from '../core/share/shared-object.js';
import { sinceEpoch } from '../core/wait/clock.js';
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
/** Makes the replacement of a method; a re-entrant primitive stays held when it is entered again, or released but not free. */
type Wrap = (original: Method, recorder: Recorder, isReentrant: boolean) => Method;
type Wraps = Readonly<Record<string, Wrap>>;

/** The primitive whose method is already being noted: the calls it makes on itself are part of that. */
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
    if (got === true && !(isReentrant && isNested(this))) recorder.note(ACQUIRE, this, 1);
    return got;
  };

const acquiresAsync: Wrap = (original, recorder) =>
  function (first, second) {
    const promise = original.call(this, first, second) as Promise<unknown>;
    return promise.then((got) => {
      if (got !== false) recorder.note(ACQUIRE | TASK, this, 1);
      return got;
    });
  };

const releases: Wrap = (original, recorder, isReentrant) =>
  function (first, second) {
    if (inside === this) return original.call(this, first, second);
    const ends = !(isReentrant && isNested(this));
    const time = sinceEpoch();
    callInside(this, original, first, second);
    if (ends) recorder.note(RELEASE, this, typeof first === 'number' ? first : 1, time);
    return undefined;
  };

/** For a method that always leaves the primitive free and returns a value. */
const frees: Wrap = (original, recorder) =>
  function (first, second) {
    const time = sinceEpoch();
    const result = callInside(this, original, first, second);
    recorder.note(RELEASE, this, 1, time);
    return result;
  };

const signals: Wrap = (original, recorder) =>
  function (first, second) {
    recorder.note(SIGNAL, this, typeof first === 'number' ? first : 1);
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
 * Makes the methods of all primitives note what they do.
 *
 * @returns a function that restores the original methods
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
