/**
 * What a traced program loads before its own first line, in its main thread and in its workers. The `trace` command passes
 * it to Node with `--import`, which workers made from files inherit; workers that this package starts learn of it from the
 * environment data that all workers of a process have (see `preload` in host/host.ts).
 */
import { Arena } from '../core/memory/arena.js';
import { attachWith, type Shared, share } from '../core/share/sharing.js';
import { PRELOAD } from '../host/host.js';
import { warn } from '../recover/warn.js';
import { ORDER, type TraceOrder } from './order.js';
import { start, stop } from './recording.js';

const DATA = 'atomics-sync-free.trace';
/** In bytes; the unused part of an arena takes no memory. */
const ROOM = 2 ** 28;
const AGENTS = 256;
/** A worker takes at most this fraction (1/PART) of the remaining room, so that some is left for later workers. */
const PART = 16;
/** How many bytes an event takes. */
const EVENT_BYTES = 32;
/** The signals that end a program, with their numbers. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/** What workers receive. */
interface Told {
  readonly arena: Shared<Arena>;
  readonly capacity: number;
  readonly stacks: boolean;
  /** One word: how many workers found no room for their events. */
  readonly unseen: SharedArrayBuffer;
}

type SignalName = keyof typeof SIGNALS;

interface Host {
  readonly env: Record<string, string | undefined>;
  getBuiltinModule(name: 'node:worker_threads'): {
    readonly isMainThread: boolean;
    getEnvironmentData(key: string): unknown;
    setEnvironmentData(key: string, value: unknown): void;
  };
  getBuiltinModule(name: 'node:fs'): {
    writeFileSync(file: string, text: string): void;
    rmSync(file: string, options: { readonly force: boolean }): void;
  };
  on(event: 'exit', listener: () => void): void;
  once(event: SignalName, listener: () => void): void;
  listenerCount(event: SignalName): number;
  exit(code: number): never;
}

const { process } = globalThis as unknown as { process: Host };
const threads = process.getBuiltinModule('node:worker_threads');

function lead({ file, capacity, stacks }: TraceOrder): void {
  const arena = new Arena({ byteLength: ROOM, agents: AGENTS });
  const unseen = new SharedArrayBuffer(4);
  threads.setEnvironmentData(DATA, { arena: share(arena), capacity, stacks, unseen } satisfies Told);
  threads.setEnvironmentData(PRELOAD, import.meta.url);
  start({ arena, capacity, stacks });
  process.on('exit', () => {
    const { agents, events, end } = stop();
    const fs = process.getBuiltinModule('node:fs');
    try {
      fs.writeFileSync(file, JSON.stringify({ agents, events, end }));
    } catch (error) {
      // The program's exit code stays its own, and half a trace is none.
      fs.rmSync(file, { force: true });
      warn(`the trace cannot be written: ${error instanceof Error ? error.message : error}`);
    }
    const [workers] = new Int32Array(unseen);
    if (workers > 0)
      warn(`${workers} workers are not in the trace, which had no room for them: give it a smaller --capacity`);
  });
  for (const [signal, number] of Object.entries(SIGNALS) as [SignalName, number][]) {
    // A program that listens to the signal ends by itself; any other would end without `exit`.
    process.once(signal, () => {
      if (process.listenerCount(signal) === 0) process.exit(128 + number);
    });
  }
}

function follow(): void {
  const told = threads.getEnvironmentData(DATA) as Told | undefined;
  if (told === undefined) return;
  try {
    const arena = attachWith()(told.arena);
    const most = Math.max(1, Math.floor(arena.bytesFree / PART / EVENT_BYTES));
    start({ arena, capacity: Math.min(told.capacity, most), stacks: told.stacks });
  } catch {
    // A program must run as it does without a trace.
    Atomics.add(new Int32Array(told.unseen), 0, 1);
  }
}

if (threads.isMainThread) {
  const order = process.env[ORDER];
  // Child processes would write the same file.
  delete process.env[ORDER];
  if (order !== undefined) lead(JSON.parse(order) as TraceOrder);
} else {
  follow();
}
