/**
 * How a process is started. With the start method 'worker' it is a worker that runs `processMain` (process-main.ts),
 * which finds the function, calls it and returns an exit code. With 'process' it is a process of the operating system
 * that does the same, plus a worker that keeps it (child/keeper.ts): to the code here that worker is like the other, and
 * its exit code is the process's.
 */
import { client } from '../tasks/client.js';
import { asGiven } from '../tasks/codec/refusal.js';
import type { Job } from '../tasks/job.js';
import { type Resolved, resolveOwn } from '../tasks/target.js';
import { keeper } from './child/keeper.js';
import { encodeAssignment } from './child/messages.js';
import type { ProcessInfo, Self } from './here.js';
import { processMain } from './process-main.js';
import type { StartMethod } from './start-method.js';
import type { ProcessWorkers } from './workers.js';

/** A process to be started. */
interface Launch {
  readonly method: StartMethod;
  readonly workers: ProcessWorkers;
  readonly resolved: Resolved;
  readonly args: readonly unknown[];
  /** The process itself. */
  readonly here: Self;
  /** The process that starts it. */
  readonly parent: ProcessInfo;
  /** Called once, when this agent learns that it has ended. */
  readonly onEnded: () => void;
}

/** @throws what the client's `start` throws; SyncError `ERR_NOT_CLONEABLE` when something in the arguments cannot be sent */
export function launch(launched: Launch): Job {
  const { args, here, onEnded, workers } = launched;
  const assignment = assignmentOf(launched);
  try {
    const { name, daemon } = here;
    const { settings, onOutput } = workers;
    return client().start({ ...assignment, settings, onOutput, name, daemon, kind: 'process', onEnded });
  } catch (error) {
    // They are one of the arguments of `processMain`.
    throw assignment.args[1] === args ? asGiven(error, 'args[1]', 'args') : error;
  }
}

function assignmentOf({ method, workers, resolved: { call, worker }, args, here, parent }: Launch) {
  if (method === 'process') {
    const { bytes, connections } = encodeAssignment({ call, args, here, parent });
    return { ...resolveOwn(keeper), args: [bytes, connections, workers.child] };
  }
  return { ...resolveOwn(processMain, worker), args: [call, args, here, parent] };
}
