/** A worker of the lab: one thread of an interpreter, which makes one call and tells how long it took. */
import { serve } from '#host';
import { attach, Interpreter, type InterpreterParts } from '../gil/index.js';
import type { Shared } from '../index.js';

/** What a thread is started with. */
export interface Task {
  readonly interpreter: Shared<InterpreterParts>;
  readonly name: string;
  readonly args: readonly number[];
  /** One word: 0 until every thread is up. */
  readonly go: Int32Array<SharedArrayBuffer>;
}

/** What a thread says: that it is up, and when it is done, how long its call took (ms) and which agent it was. */
export type Report =
  | { readonly kind: 'up' }
  | { readonly kind: 'done'; readonly elapsed: number; readonly agent: number };

serve<Task>(({ interpreter: parts, name, args, go }, parent) => {
  const say = (report: Report): void => parent.send(report);
  const interpreter = new Interpreter(attach(parts));
  say({ kind: 'up' });
  Atomics.wait(go, 0, 0);
  const start = performance.now();
  interpreter.call(name, ...args);
  say({ kind: 'done', elapsed: performance.now() - start, agent: interpreter.gil.arena.agentId });
});
