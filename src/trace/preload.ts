/**
 * What a traced program loads before its own first line, in its main thread and in its workers: the command `trace` names it to
 * Node by `--import`, which the workers inherit that are made of files; those that this package starts learn of it by the data
 * that all workers of a process have (see `preload` in host/host.ts).
 */
import { Arena } from '../core/memory/arena.js';
import { attachWith, type Shared, share } from '../core/share/sharing.js';
import { PRELOAD } from '../host/host.js';
import { ORDER, type TraceOrder } from './order.js';
import { start, stop } from './recording.js';

const DATA = 'atomics-sync-free.trace';
/** In bytes; what is never used of an arena takes no memory. */
const ROOM = 2 ** 28;
const AGENTS = 256;
/** The signals that end a program, with their numbers. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/** What workers are told. */
interface Told {
  readonly arena: Shared<Arena>;
  readonly capacity: number;
  readonly stacks: boolean;
}

type SignalName = keyof typeof SIGNALS;

interface Host {
  readonly env: Record<string, string | undefined>;
  getBuiltinModule(name: 'node:worker_threads'): {
    readonly isMainThread: boolean;
    getEnvironmentData(key: string): unknown;
    setEnvironmentData(key: string, value: unknown): void;
  };
  getBuiltinModule(name: 'node:fs'): { writeFileSync(file: string, text: string): void };
  on(event: 'exit', listener: () => void): void;
  once(event: SignalName, listener: () => void): void;
  listenerCount(event: SignalName): number;
  exit(code: number): never;
}

const { process } = globalThis as unknown as { process: Host };
const threads = process.getBuiltinModule('node:worker_threads');

function lead({ file, capacity, stacks }: TraceOrder): void {
  const arena = new Arena({ byteLength: ROOM, agents: AGENTS });
  threads.setEnvironmentData(DATA, { arena: share(arena), capacity, stacks } satisfies Told);
  threads.setEnvironmentData(PRELOAD, import.meta.url);
  start({ arena, capacity, stacks });
  process.on('exit', () => {
    const { agents, events, end } = stop();
    process.getBuiltinModule('node:fs').writeFileSync(file, JSON.stringify({ agents, events, end }));
  });
  for (const [signal, number] of Object.entries(SIGNALS) as [SignalName, number][]) {
    // A program that listens to it ends by itself; another would end without `exit`.
    process.once(signal, () => {
      if (process.listenerCount(signal) === 0) process.exit(128 + number);
    });
  }
}

function follow(): void {
  const told = threads.getEnvironmentData(DATA) as Told | undefined;
  if (told !== undefined) start({ ...told, arena: attachWith()(told.arena) });
}

if (threads.isMainThread) {
  const order = process.env[ORDER];
  // Child processes would write the same file.
  delete process.env[ORDER];
  if (order !== undefined) lead(JSON.parse(order) as TraceOrder);
} else {
  follow();
}
