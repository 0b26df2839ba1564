/**
 * The spawner starts all workers of a program, because its agent never blocks: a dedicated worker in Node, Deno and Bun
 * (supervisor.ts), the page in a browser. It learns how they end even while everybody else blocks.
 *
 * ```text
 *  client ──start, cancel, adopt──▶ spawner ──new Worker──▶ worker, which is a client in its turn
 *         ◀──ended, died, failed, memory, output, busy, idle──
 * ```
 *
 * A worker whose function has ended strikes itself off the roll. The spawner does so for workers that could not, and first
 * tells the client, which finds that notice when its wait ends, even if it was blocked all the time.
 */
import { kill, receive, start, supervises } from '#host';
import { endWays, type Way } from '../core/memory/ways.js';
import { cloneable } from '../core/thrown.js';
import { wakeBlocked } from '../core/wait/wake.js';
import { watch } from '../core/wait/watch.js';
import { Berth } from './berth.js';
import type { Exit, HostWorker, Program, Stream, WorkerSettings } from './host.js';
import { type Line, lineOver } from './line.js';
import type { Entry, Roll } from './roll.js';
import { Shelf } from './shelf.js';

/** A client's request for a new worker. */
export interface StartRequest {
  readonly kind: 'start';
  readonly entry: Entry;
  readonly daemon: boolean;
  /** Delay before the start, in ms. */
  readonly delay: number;
  readonly settings: WorkerSettings;
  /** Whether what it prints goes to the client. */
  readonly output: boolean;
  /** With what it is ended: the client's agent, the process with this ident, or only the program. */
  readonly endsWith: 'client' | number | undefined;
  /** The ways that lead to it. */
  readonly ways: readonly Way[] | undefined;
  /** What the loader receives, besides a line to the spawner and the berth. */
  readonly order: object;
  /** Where the worker rests if it is to run more threads for the first agent; it has that agent's environment. */
  readonly berth?: { readonly buffer: SharedArrayBuffer; readonly port: MessagePort } | undefined;
}

/** A client's request. */
export type Request =
  | StartRequest
  /** This worker's thread is over, and the worker rests in its berth from now on: its client runs other threads there. */
  | { readonly kind: 'rests'; readonly entry: Entry }
  /** Cancels a start: the client has struck it off. */
  | { readonly kind: 'cancel'; readonly entry: Entry }
  /** Ends it, whatever it is doing. */
  | { readonly kind: 'terminate'; readonly entry: Entry }
  /** Adopts a running worker that somebody else started; the port leads to it. */
  | {
      readonly kind: 'adopt';
      readonly entry: Entry;
      readonly daemon: boolean;
      readonly port: MessagePort;
      readonly ways: readonly Way[] | undefined;
    }
  /** A worker that its client made has ended, or is about to: not every host reports the end of a port. */
  | { readonly kind: 'over'; readonly entry: Entry; readonly exit?: Exit }
  /**
   * Memory that the agent that started this worker does not know, and needs in order to read its outcome. The request
   * also strikes the worker off the roll.
   */
  | { readonly kind: 'memory'; readonly entry: Entry; readonly buffers: readonly SharedArrayBuffer[] }
  /** This worker, or one that the client made itself, could not begin its function. */
  | { readonly kind: 'failed'; readonly entry: Entry; readonly why: string; readonly cause: unknown }
  /** Asks for `heard`, which confirms that all previous requests have arrived. */
  | { readonly kind: 'ask' }
  /** Memory that anybody may fetch by name until it has been dropped as many times as it was kept, in any order. */
  | { readonly kind: 'keep'; readonly id: number; readonly buffer: SharedArrayBuffer }
  | { readonly kind: 'drop'; readonly id: number }
  /** Requests the memory as soon as it is kept. */
  | { readonly kind: 'fetch'; readonly id: number }
  /**
   * A blocked agent waits for things in two memories but can sleep on only one word: the spawner rings that one
   * on behalf of the other.
   */
  | { readonly kind: 'relay'; readonly from: Bell; readonly seen: number; readonly to: Bell };

/** A word that is changed, then notified, when something has happened. */
export interface Bell {
  readonly words: Int32Array;
  readonly gate: number;
}

/** A notice to a client. */
export type Notice =
  | { readonly kind: 'ended'; readonly ident: number }
  | { readonly kind: 'died'; readonly ident: number; readonly exit: Exit }
  | { readonly kind: 'failed'; readonly ident: number; readonly why: string; readonly cause: unknown }
  | { readonly kind: 'memory'; readonly ident: number; readonly buffers: readonly SharedArrayBuffer[] }
  | { readonly kind: 'output'; readonly ident: number; readonly text: string; readonly stream: Stream }
  | { readonly kind: 'heard' }
  /** To the first agent: another agent has started something that the program waits for. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'kept'; readonly id: number; readonly buffer: SharedArrayBuffer }
  /** To the first agent: once this many of its starts had arrived, nothing was running that the program waits for. */
  | { readonly kind: 'idle'; readonly starts: number };

/** Whether a request makes something run that the program may have to wait for. */
export const starts = ({ kind }: Request): boolean => kind === 'start' || kind === 'adopt';

/** An agent that requests workers. */
interface Client {
  readonly line: Line;
  /** Its ident, if it is a worker that this spawner started. */
  readonly ident: number | undefined;
  /** How many starts it has requested. */
  starts: number;
}

/** A worker that is running or is to be started. */
interface Running {
  readonly entry: Entry;
  readonly client: Client;
  readonly daemon: boolean;
  readonly timer?: ReturnType<typeof setTimeout>;
  readonly worker?: HostWorker;
  /** The agent with which it is ended. */
  readonly endsWith?: number | undefined;
  /** The ways that lead to it; it may end before what is on them has arrived. */
  readonly ways: readonly Way[] | undefined;
}

/** A worker still busy with what a thread left behind is ended after at least this time, in ms, and at most twice that. */
const LEFT_MS = 1000;

/** setTimeout's longest delay, in ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class Spawner {
  readonly #roll: Roll;
  readonly #loader: Program;
  readonly #running = new Map<number, Running>();
  readonly #shelf = new Shelf();
  /** The first client, whose program it is. */
  #root: Client | undefined;

  /**
   * @param roll where ends are recorded
   * @param loader what every worker runs first
   */
  constructor(roll: Roll, loader: Program) {
    this.#roll = roll;
    this.#loader = loader;
  }

  /**
   * Takes requests from a port.
   *
   * @param ident the ident of the worker at its other end
   * @param closed called when its other end is gone, on hosts that report it
   * @returns a function that takes the requests that have arrived by then, and closes the port
   */
  connect(port: MessagePort, ident?: number, closed?: () => void): () => void {
    const hear = this.join(
      lineOver(port, (message) => hear(message as Request), closed),
      ident,
    );
    return () => {
      for (let last = receive(port); last !== undefined; last = receive(port)) hear(last.message as Request);
      // If none can be taken synchronously, those under way will still arrive.
      if (supervises) port.close();
    };
  }

  /**
   * Takes requests from a client.
   *
   * @param line to the client
   * @param ident its ident, if it is a worker
   * @returns a function to call with each request
   */
  join(line: Line, ident?: number): (request: Request) => void {
    const client = { line, ident, starts: 0 };
    this.#root ??= client;
    return (request) => {
      if (starts(request)) client.starts++;
      this.#hear(client, request);
    };
  }

  #hear(client: Client, request: Request): void {
    switch (request.kind) {
      case 'start':
        this.#schedule(client, request, request.delay);
        break;
      case 'adopt':
        this.#enter({ entry: request.entry, client, daemon: request.daemon, ways: request.ways });
        this.connect(request.port, request.entry.ident, () => this.#over(request.entry, { cause: 'terminated' }));
        break;
      case 'over':
        this.#over(request.entry, request.exit);
        break;
      case 'ask':
        client.line.send({ kind: 'heard' } satisfies Notice);
        break;
      case 'cancel':
        clearTimeout(this.#running.get(request.entry.ident)?.timer);
        this.#over(request.entry);
        break;
      case 'terminate':
        this.#end(this.#running.get(request.entry.ident));
        break;
      case 'memory':
        this.#tell(request.entry, { kind: 'memory', ident: request.entry.ident, buffers: request.buffers });
        this.#roll.strike(request.entry);
        break;
      case 'rests':
        this.#over(request.entry);
        break;
      case 'failed':
        this.#fail(request);
        break;
      case 'keep':
        this.#shelf.keep(request.id, request.buffer);
        break;
      case 'drop':
        this.#shelf.drop(request.id);
        break;
      case 'fetch':
        this.#shelf.fetch(request.id, (buffer) => client.line.send({ kind: 'kept', id: request.id, buffer }));
        break;
      case 'relay':
        relay(request);
        break;
    }
  }

  #schedule(client: Client, request: StartRequest, delay: number): void {
    const { entry, daemon, ways, endsWith } = request;
    const running = { entry, client, daemon, ways, endsWith: endsWith === 'client' ? client.ident : endsWith };
    // A thread of a process that has ended had requested it.
    if (typeof endsWith === 'number' && !this.#running.has(endsWith)) {
      this.#enter(running);
      this.#over(entry, { cause: 'terminated' });
      return;
    }
    if (delay === 0) {
      this.#launch(running, request);
      return;
    }
    const part = Math.min(delay, LONGEST_TIMER);
    const timer = setTimeout(() => this.#schedule(client, request, delay - part), part);
    this.#enter({ ...running, timer });
  }

  #enter(running: Running): void {
    this.#running.set(running.entry.ident, running);
    if (!running.daemon && running.client !== this.#root) this.#root?.line.send({ kind: 'busy' } satisfies Notice);
  }

  #launch(running: Running, { settings, output, order, berth }: StartRequest): void {
    const { entry, client } = running;
    const { line } = client;
    const { ident } = entry;
    this.#enter(running);
    // It was cancelled at the last moment.
    if (!this.#roll.begin(entry)) return;
    const { port1, port2 } = new MessageChannel();
    const onOutput = (text: string, stream: Stream) => line.send({ kind: 'output', ident, text, stream });
    let worker: HostWorker;
    try {
      worker = start(this.#loader, {
        ...settings,
        data: { ...order, spawner: port2, berth },
        transfer: berth === undefined ? [port2] : [port2, berth.port],
        onMessage: () => {},
        sharesEnvironment: berth !== undefined,
        ...(output && { onOutput }),
      });
    } catch (error) {
      this.#over(entry, { cause: 'threw', error });
      return;
    }
    this.#running.set(ident, { ...running, worker });
    const disconnect = this.connect(port1, ident);
    const attended = berth && this.#attend(new Berth(berth.buffer), worker);
    void worker.exit.then((exit) => {
      disconnect();
      const last = attended?.() ?? entry;
      // This is the only place where the client is told of it, unless the worker has rested since.
      if (last.ident !== ident) this.#enter({ ...running, entry: last, ways: undefined });
      this.#over(last, exit);
      if (last.ident !== ident) this.#over(entry, exit);
    });
  }

  /**
   * Watches a worker that runs one thread after another: what a thread left behind may keep it busy forever.
   *
   * @returns a function to call at the worker's end, which returns the thread that the worker was running
   */
  #attend(berth: Berth, worker: HostWorker): () => Entry | undefined {
    let suspect = 0;
    const timer = setInterval(() => {
      const { entry } = berth;
      const isLeft = berth.isBusy && !this.#roll.has(entry);
      if (isLeft && suspect === entry.ident && berth.close(entry.ident)) void worker.terminate();
      suspect = isLeft ? entry.ident : 0;
    }, LEFT_MS);
    return () => {
      clearInterval(timer);
      return berth.end();
    };
  }

  /** Ends a worker; one that keeps a child process ends by itself once the child has ended. */
  #end(running: Running | undefined): void {
    if (running === undefined) return;
    if (running.timer !== undefined) {
      clearTimeout(running.timer);
      if (this.#roll.begin(running.entry)) this.#over(running.entry, { cause: 'terminated' });
      return;
    }
    const pid = this.#roll.pidOf(running.entry);
    if (pid === 0) void running.worker?.terminate();
    else kill(pid, 'SIGKILL');
  }

  #tell({ ident }: Entry, notice: Notice): void {
    this.#running.get(ident)?.client.line.send(notice);
  }

  #fail({ entry, why, cause }: Request & { kind: 'failed' }): void {
    this.#tell(entry, { kind: 'failed', ident: entry.ident, why, cause });
    this.#over(entry);
  }

  /** @param exit how it ended, if that must be reported */
  #over(entry: Entry, exit?: Exit): void {
    const { ident } = entry;
    if (exit !== undefined && this.#roll.has(entry)) this.#tell(entry, { kind: 'died', ident, exit: portable(exit) });
    endWays(this.#running.get(ident)?.ways ?? []);
    this.#roll.strike(entry);
    this.#tell(entry, { kind: 'ended', ident });
    this.#running.delete(ident);
    for (const running of this.#running.values()) {
      if (running.endsWith !== ident) continue;
      this.#end(running);
      // Nobody is left who wants to know how the child process that it keeps has ended.
      void running.worker?.terminate();
    }
    if ([...this.#running.values()].some(({ daemon }) => !daemon)) return;
    if (this.#root !== undefined) this.#root.line.send({ kind: 'idle', starts: this.#root.starts } satisfies Notice);
  }
}

/** Rings one bell as soon as the other is rung, or if it has been rung since it was seen. */
function relay({ from, seen, to }: Request & { kind: 'relay' }): void {
  const ring = () => wakeBlocked(to.words, to.gate, Infinity);
  if (watch(from.words, from.gate, seen, ring) === undefined) ring();
}

const portable = (exit: Exit): Exit =>
  exit.cause === 'threw' ? { cause: 'threw', error: cloneable(exit.error) } : exit;
