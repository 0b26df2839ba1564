/** Workers created by the user's own code, from a file whose module serves functions: the spawner adopts them. */
import { adopt } from '#host';
import { SyncError } from '../core/errors.js';
import { messageOf } from '../core/thrown.js';
import type { ForeignWorker } from '../host/settings.js';
import type { Request } from '../host/spawner.js';
import { ORDER, type Order } from './order.js';
import { hasOutcome, isTaken } from './outcome.js';

/**
 * Creates a worker with the user's function and gives it its order.
 *
 * @param send sends a request to the spawner
 * @throws SyncError `ERR_FUNCTION` when no worker was created
 */
export function startForeign(
  make: () => ForeignWorker,
  order: Omit<Order, 'spawner'>,
  send: (request: Request, transfer?: readonly Transferable[]) => void,
): ForeignWorker {
  const { entry, daemon, call, outcome, args } = order;
  let worker: ForeignWorker;
  const give = (): void => {
    const { port1, port2 } = new MessageChannel();
    send({ kind: 'adopt', entry, daemon, port: port1, ways: args.ways }, [port1]);
    worker.postMessage({ [ORDER]: { ...order, spawner: port2 } }, [port2 as never]);
  };
  try {
    worker = make();
    if (typeof worker?.postMessage !== 'function') throw new TypeError('it returned no Worker');
    adopt(worker, {
      name: order.name,
      unref: daemon,
      onFailure: (cause) => {
        const why = `the worker of ${call.name} failed: ${messageOf(cause)}`;
        if (!hasOutcome(outcome)) send({ kind: 'failed', entry, why, cause: undefined });
      },
      onEnd: () => {
        if (!hasOutcome(outcome)) send({ kind: 'over', entry, exit: { cause: 'terminated' } });
      },
      isTaken: () => isTaken(outcome),
      onMissed: give,
    });
  } catch (cause) {
    throw notMade(order.name, cause);
  }
  give();
  return worker;
}

function notMade(name: string, cause: unknown): SyncError {
  const error = new SyncError('ERR_FUNCTION', `no worker was made for ${name}: ${messageOf(cause)}`);
  error.cause = cause;
  return error;
}
