/** A worker of the lab: one thread of an interpreter, which makes one call. */
import { serve } from '#host';
import { attach, Interpreter, type InterpreterParts } from '../gil/index.js';
import type { Arena, Shared } from '../index.js';
import { start as record } from '../trace/index.js';

/** What a thread is started with. */
export interface Task {
  readonly interpreter: Shared<InterpreterParts>;
  readonly name: string;
  readonly args: readonly number[];
  /** One word: 0 until every thread is up. */
  readonly go: Int32Array<SharedArrayBuffer>;
  /** Where to record its use of the GIL, and under what name. */
  readonly trace: Traced | undefined;
}

interface Traced {
  readonly arena: Shared<Arena>;
  readonly name: string;
}

/** What a thread reports: that it is up, and, when its call is done, which agent it was. */
export type Report = { readonly kind: 'up' } | { readonly kind: 'done'; readonly agent: number };

/** How many events to keep: about ten per switch. */
const EVENTS = 30_000;

serve<Task>(({ interpreter: parts, name, args, go, trace }, parent) => {
  const say = (report: Report): void => parent.send(report);
  const interpreter = new Interpreter(attach(parts));
  if (trace !== undefined) record({ arena: attach(trace.arena), name: trace.name, capacity: EVENTS });
  say({ kind: 'up' });
  Atomics.wait(go, 0, 0);
  interpreter.call(name, ...args);
  say({ kind: 'done', agent: interpreter.gil.arena.agentId });
});
