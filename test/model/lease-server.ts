// The scripts of src/distributed/scripts.ts in JavaScript, line by line, for the explorer. A test compares the two on a real
// server.

/** A request that has a permit. */
export interface Held {
  readonly id: string;
  /** When its lease ends, by the server's clock. */
  readonly end: number;
  readonly fence: number;
  /** Whether somebody who had it before was lost. */
  readonly flag: boolean;
}

/** A request that waits. */
export interface Waiting {
  readonly id: string;
  readonly end: number;
  readonly lease: number;
}

/** What a server knows of one lock or semaphore. */
export interface LeaseState {
  clock: number;
  fence: number;
  abandoned: number;
  held: Held[];
  queue: Waiting[];
}

export interface Ask {
  readonly id: string;
  readonly lease: number;
  readonly limit: number;
  readonly mode: 'wait' | 'try' | 'renew';
}

export type Answer =
  | { readonly kind: 'held'; readonly fence: number; readonly flag: boolean }
  | { readonly kind: 'waits'; readonly end: number; readonly fence: number }
  | { readonly kind: 'neither' };

/** Is told each grant that is published. */
export type Publish = (grant: Held) => void;

export const newServer = (clock: number): LeaseState => ({ clock, fence: 0, abandoned: 0, held: [], queue: [] });

function lapse(server: LeaseState): void {
  const lost = server.held.filter(({ end }) => end <= server.clock);
  server.held = server.held.filter(({ end }) => end > server.clock);
  server.abandoned += lost.length;
  server.queue = server.queue.filter(({ end }) => end > server.clock);
}

function grant(server: LeaseState, id: string, lease: number): Held {
  server.fence = Math.max(server.fence + 1, server.clock);
  const flag = server.abandoned > 0;
  if (flag) server.abandoned--;
  const granted = { id, end: server.clock + lease, fence: server.fence, flag };
  server.held.push(granted);
  return granted;
}

function handOver(server: LeaseState, limit: number, publish: Publish): void {
  while (server.held.length < limit) {
    const head = server.queue.shift();
    if (head === undefined) return;
    publish(grant(server, head.id, head.lease));
  }
}

export function ask(server: LeaseState, { id, lease, limit, mode }: Ask, publish: Publish): Answer {
  lapse(server);
  const own = server.held.find((each) => each.id === id);
  if (own !== undefined) {
    server.held = server.held.map((each) => (each === own ? { ...own, end: server.clock + lease } : each));
    return { kind: 'held', fence: own.fence, flag: own.flag };
  }
  const waits = server.queue.some((each) => each.id === id);
  if (waits)
    server.queue = server.queue.map((each) => (each.id === id ? { ...each, end: server.clock + lease } : each));
  handOver(server, limit, publish);
  const granted = server.held.find((each) => each.id === id);
  if (granted !== undefined) return { kind: 'held', fence: granted.fence, flag: granted.flag };
  if (!waits) {
    if (mode === 'renew') return { kind: 'neither' };
    if (server.held.length < limit) {
      const { fence, flag } = grant(server, id, lease);
      return { kind: 'held', fence, flag };
    }
    if (mode === 'try') return { kind: 'neither' };
    server.queue.push({ id, end: server.clock + lease, lease });
  }
  return { kind: 'waits', end: Math.min(...server.held.map(({ end }) => end)), fence: server.fence };
}

/** @returns whether it had a permit until now */
export function release(server: LeaseState, id: string, limit: number, publish: Publish): boolean {
  const own = server.held.find((each) => each.id === id);
  const had = own !== undefined && own.end > server.clock;
  if (had) server.held = server.held.filter((each) => each !== own);
  else server.queue = server.queue.filter((each) => each.id !== id);
  lapse(server);
  handOver(server, limit, publish);
  return had;
}
