/**
 * What keeps a process alive while one of its tasks waits: a pending `Atomics.waitAsync` alone does not.
 *
 * It is a message port, not a timer. Fake timers replace `setInterval`, and with a replaced one the process would end in
 * the middle of a wait, and `runAll` would run the interval again and again. No library of fakes touches a port, whether
 * it came before this module or after.
 *
 * One port an agent, opened by the first wait and then switched on and off (0.05 – 0.2 µs; opening one takes 3 – 30).
 * Hosts differ in what keeps them alive, so both of it is done: Deno needs a listener, Bun needs `ref()`. A Deno whose
 * ports have no `ref` (2.1, say) is let go by closing the port. Browsers have nothing to be kept alive.
 */

/** Ports as hosts have them that end by themselves; the web's know neither. */
interface Port {
  onmessage: (() => void) | null;
  ref?(): void;
  unref?(): void;
  close(): void;
}

interface Channel {
  readonly port1: Port;
}

/** What `retain` and `release` do; a model may put something else in its place. */
export interface KeepAlive {
  retain(): void;
  release(): void;
}

/** How many times it was retained and not yet released. */
let count = 0;
/** How many of these are of waits that are to keep nobody alive. */
let spared = 0;
/** Both ends, since a port that has lost its other one may close. */
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

/** Keeps the process alive until `release` has been called as often as this. */
export function retain(): void {
  current.retain();
}

/** Takes back one `retain`. */
export function release(): void {
  current.release();
}

/**
 * Has one wait not keep the process alive, though it is as others: of the process itself, for what it might be told.
 *
 * @param wait begins it
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
 * Puts something in the place of the port.
 *
 * @param instead what to do from now on; by default, what is done without this call
 */
export function setKeepAlive(instead: KeepAlive = port): void {
  current = instead;
}

function open(): Channel {
  const opened = new MessageChannel() as unknown as Channel;
  opened.port1.onmessage = () => {};
  return opened;
}

/** Whether the host ends when nothing is left to do: Node, Deno and Bun do. jsdom has a process, but no channels. */
const endsByItself = (): boolean => 'process' in globalThis && typeof MessageChannel === 'function';
