/**
 * Keeps a process alive while one of its tasks waits: a pending `Atomics.waitAsync` alone does not.
 *
 * It is a message port, not a timer. Fake timers replace `setInterval`, and with a fake one the process would end in the
 * middle of a wait, and `runAll` would run the interval again and again. No library of fakes touches ports, whether it was
 * loaded before this module or after.
 *
 * One port per agent, opened by the first wait and then switched on and off (0.05 – 0.2 µs; opening one takes 3 – 30).
 * Hosts differ in what keeps them alive, so both are done: Deno needs a listener, Bun needs `ref()`. A Deno version whose
 * ports have no `ref` (2.1, say) is released by closing the port. In browsers there is nothing to keep alive.
 */

/** The port of hosts whose programs end by themselves; web ports have neither method. */
interface Port {
  onmessage: (() => void) | null;
  ref?(): void;
  unref?(): void;
  close(): void;
}

interface Channel {
  readonly port1: Port;
}

/** What `retain` and `release` do; a model may replace it. */
export interface KeepAlive {
  retain(): void;
  release(): void;
}

/** How many times it was retained and not yet released. */
let count = 0;
/** How many of these belong to waits that must keep nothing alive. */
let spared = 0;
/** Both ends, because a port that has lost its other end may close. */
let channel: Channel | undefined;

const port: KeepAlive = {
  retain() {
    if (++count === spared + 1) hold();
  },
  release() {
    if (count === 0) throw new Error('released a process that nobody keeps alive');
    if (--count === spared) letGo();
  },
};

function hold(): void {
  if (!endsByItself()) return;
  channel ??= open();
  channel.port1.ref?.();
}

function letGo(): void {
  if (channel === undefined) return;
  const { port1 } = channel;
  if (port1.unref !== undefined) {
    port1.unref();
  } else {
    port1.close();
    channel = undefined;
  }
}

let current = port;

/** Keeps the process alive until `release` has been called as many times as this. */
export function retain(): void {
  current.retain();
}

/** Undoes one `retain`. */
export function release(): void {
  current.release();
}

/**
 * Makes one wait not keep the process alive, although it is otherwise an ordinary wait: one of the process itself, for
 * messages that may come.
 *
 * @param wait begins the wait
 */
export async function sparing<T>(wait: () => Promise<T>): Promise<T> {
  if (count === ++spared) letGo();
  try {
    return await wait();
  } finally {
    if (count === spared--) hold();
  }
}

/**
 * Replaces the port.
 *
 * @param instead what to use from now on; by default the port
 */
export function setKeepAlive(instead: KeepAlive = port): void {
  current = instead;
}

function open(): Channel {
  const opened = new MessageChannel() as unknown as Channel;
  opened.port1.onmessage = () => {};
  return opened;
}

/** Whether the host ends when nothing is left to do, as Node, Deno and Bun do. jsdom has a process, but no channels. */
const endsByItself = (): boolean => 'process' in globalThis && typeof MessageChannel === 'function';
