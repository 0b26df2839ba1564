/**
 * Real time, for blocking: a blocked agent cannot advance a fake clock, so it must not wait for one.
 *
 * Fake timers replace `Date`, the global `performance` (sinon, jest and vitest the whole object, sinon also the method
 * `now` of Node's own one) and `process.hrtime`. Replacing them after this module was loaded changes nothing: it keeps the
 * object and its method. If they were replaced before, the first of these that the host has is real:
 *
 * 1. the `performance` of `node:perf_hooks` with its prototype's `now`: Node and Deno;
 * 2. `process.uptime`: Bun (Deno's uses the global `performance`);
 * 3. the time stamp of an event: browsers.
 *
 * If a host has none of them, the clock may stand still. So nothing relies on it alone: `spin` also counts its rounds, and
 * `block` adds up the sleeps that `Atomics.wait` itself ended. Then a wait that is woken in vain restarts its timeout, and
 * a wait that nobody wakes is on time.
 */

/** The part of a host's `Performance` that is used here. */
interface HostClock {
  now(): number;
  readonly timeOrigin: number;
}

/** The parts of a host that may tell the time. */
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

/** @returns ms since some fixed moment; it never goes back, and no fake timers stop or move it */
export function now(): number {
  return read();
}

/**
 * Replaces the real clock, for models.
 *
 * @param instead returns ms; by default the real clock
 */
export function setClock(instead: () => number = real): void {
  read = instead;
}

/** The genuine `performance`: fakes are plain objects. */
function findClock(): HostClock | undefined {
  if (isGenuine(host.performance)) return host.performance;
  const nodes = host.process?.getBuiltinModule?.('node:perf_hooks')?.performance;
  // Bun's only has the object's own method, which may be a fake.
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

/** When the clock was at 0, in ms since the epoch. A host without a genuine clock takes it from `Date`, faked or not. */
const origin = /* @__PURE__ */ findOrigin();

function findOrigin(): number {
  return clock?.timeOrigin ?? Date.now() - real();
}

/** @returns ms since the epoch by the same clock, comparable between agents */
export function sinceEpoch(): number {
  return origin + read();
}
