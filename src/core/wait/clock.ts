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

/** What of a host may tell the time. */
interface Host {
  performance?: HostClock;
  process?: {
    getBuiltinModule?(name: string): { readonly performance?: HostClock } | undefined;
    uptime?(): number;
  };
  Event?: new (type: string) => { readonly timeStamp: number };
}

const host: Host = globalThis;
const clock = findClock();
const real = findTime();
let read = real;

/** @returns ms since some moment; it never goes back, and no fake timers stop it or move it */
export function now(): number {
  return read();
}

/**
 * Puts another clock in the place of the real one, for models.
 *
 * @param instead gives ms; by default, what is done without this call
 */
export function setClock(instead: () => number = real): void {
  read = instead;
}

/** The `performance` that is no fake: fakes are plain objects. */
function findClock(): HostClock | undefined {
  if (isGenuine(host.performance)) return host.performance;
  const nodes = host.process?.getBuiltinModule?.('node:perf_hooks')?.performance;
  // Bun's has no method but the object's own, which may be a fake.
  return isGenuine(nodes) && Object.getPrototypeOf(nodes).now ? nodes : undefined;
}

function isGenuine(value: HostClock | undefined): boolean {
  return Object.prototype.toString.call(value) === '[object Performance]';
}

function findTime(): () => number {
  const { performance, process, Event } = host;
  if (clock !== undefined) {
    const method: () => number = Object.getPrototypeOf(clock).now ?? clock.now;
    return () => method.call(clock);
  }
  const uptime = process?.uptime;
  if (uptime !== undefined) return () => uptime.call(process) * 1000;
  if (typeof Event === 'function' && new Event('time').timeStamp > 0) return () => new Event('time').timeStamp;
  return () => (performance ?? Date).now();
}

/** When the clock was at 0, in ms since the epoch. What has no clock of its own takes it from `Date`, faked or not. */
const origin = /* @__PURE__ */ findOrigin();

function findOrigin(): number {
  return clock?.timeOrigin ?? Date.now() - real();
}

/** @returns ms since the epoch, by the same clock: for agents to compare */
export function sinceEpoch(): number {
  return origin + read();
}
