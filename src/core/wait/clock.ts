/**
 * Real time, for what blocks: a blocked agent cannot advance a fake clock, so it must not wait for one.
 *
 * Fake timers replace `Date`, the global `performance` (sinon, jest and vitest the whole object, sinon also the method
 * `now` of Node's own one) and `process.hrtime`. Who replaces them after this module was loaded changes nothing: it
 * keeps the object and its method. Where they were replaced before, the first of these that a host has is real:
 *
 * 1. the `performance` of `node:perf_hooks` with its prototype's `now`: Node and Deno;
 * 2. `process.uptime`: Bun (Deno's goes by the global `performance`);
 * 3. the time stamp of an event: browsers.
 *
 * If a host has none of them, the clock may stand still. So nothing relies on it alone: `spin` counts its rounds too,
 * and `block` adds up the sleeps that `Atomics.wait` itself has ended. Then a wait that is woken in vain begins its
 * time-out anew, and a wait that nobody wakes is on time.
 */

/** A host's `Performance`, as far as it is used here. */
interface HostClock {
  now(): number;
  readonly timeOrigin: number;
}

/** A way to read the time. */
interface Source {
  /** Ms since some moment. */
  readonly now: () => number;
  /** That moment, in ms since the epoch. */
  readonly origin: number;
}

const real = find();
let read = real.now;

/** @returns ms since some moment; it never goes back, and no fake timers stop it or move it */
export function now(): number {
  return read();
}

/**
 * The same clock for agents to compare. One that has only clock 2 or 3 took its zero from `Date`, faked or not.
 *
 * @returns ms since the epoch
 */
export function sinceEpoch(): number {
  return real.origin + read();
}

/**
 * Puts another clock in the place of the real one, for models.
 *
 * @param instead gives ms; by default, what is done without this call
 */
export function setClock(instead: () => number = real.now): void {
  read = instead;
}

function find(): Source {
  const { performance, process, Event } = globalThis as {
    performance?: HostClock;
    process?: {
      getBuiltinModule?(name: string): { readonly performance?: HostClock } | undefined;
      uptime?(): number;
    };
    Event?: new (type: string) => { readonly timeStamp: number };
  };
  if (isGenuine(performance)) return sourceOf(performance);
  const hosts = process?.getBuiltinModule?.('node:perf_hooks')?.performance;
  // Bun's has no method but the object's own, which may be a fake.
  if (isGenuine(hosts) && typeof Object.getPrototypeOf(hosts).now === 'function') return sourceOf(hosts);
  if (typeof process?.uptime === 'function') {
    const { uptime } = process;
    return since(() => uptime.call(process) * 1000);
  }
  if (typeof Event === 'function' && new Event('time').timeStamp > 0) return since(() => new Event('time').timeStamp);
  return since(() => (performance ?? Date).now());
}

/** Fakes are plain objects. */
function isGenuine(clock: HostClock | undefined): clock is HostClock {
  return Object.prototype.toString.call(clock) === '[object Performance]';
}

function sourceOf(clock: HostClock): Source {
  const method: () => number = Object.getPrototypeOf(clock).now ?? clock.now;
  return { now: () => method.call(clock), origin: clock.timeOrigin };
}

function since(now: () => number): Source {
  return { now, origin: Date.now() - now() };
}
