/**
 * The courier: a worker that puts batches into the queue and fetches their outcomes, so that the program may block or
 * compute meanwhile.
 */
import { randomBytes } from 'node:crypto';
import type { ConnectionOptions } from 'bullmq';
import { end, onUncaught, serve } from '#host';
import { attachWith, type Shared } from '../core/share/sharing.js';
import type { Address } from '../distributed/address.js';
import { peer } from '../distributed/peer.js';
import { connectionFor, Server } from '../distributed/server.js';
import { serverError } from '../distributed/server-error.js';
import { Event } from '../sync/event.js';
import { type Batch, Batches } from './batches.js';
import { type Names, namesIn, QUEUE } from './queue.js';

/** What a courier is started with. */
export interface CourierOrder {
  readonly address: Address;
  readonly namespace: string;
  readonly port: MessagePort;
  /** An event, set whenever something has been sent to the port. */
  readonly sent: Shared<Event>;
  /** Where it writes which agent it is in the event's arena. */
  readonly agent: Int32Array;
}

/** What the program asks for. */
export type Request =
  | { readonly kind: 'submit'; readonly batch: Batch }
  | { readonly kind: 'cancel'; readonly id: number };

/** What the program receives: a batch's encoded outcome, or why there is none; and why the courier has ended. */
export type Delivery =
  | { readonly kind: 'done'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'ended'; readonly code: string; readonly message: string };

/** How long a command may take, in ms. */
const PATIENCE = 5000;
/** How often it looks at everything awaited, in ms. */
const SWEEP = 2000;

const attach = attachWith(Event);

serve<CourierOrder>(async ({ address, namespace, port, sent, agent }, parent) => {
  const event = attach(sent);
  Atomics.store(agent, 0, event.arena.agentId);
  const early: Request[] = [];
  let take = (request: Request): void => void early.push(request);
  parent.listen((request) => take(request as Request));

  function deliver(delivery: Delivery): void {
    port.postMessage(delivery);
    event.set();
  }

  onUncaught((error) => {
    deliver({ kind: 'ended', code: 'ERR_WORKER_DIED', message: `the courier of batches has ended: ${error}` });
    end(() => {});
  });

  const opened: Server[] = [];
  let batches: Batches;
  try {
    batches = await open(address, namesIn(namespace), opened, deliver);
  } catch (error) {
    const { code, message } = serverError(error, address.label, true);
    deliver({ kind: 'ended', code, message });
    await Promise.all(opened.map((server) => server.close()));
    end(() => {});
    return;
  }
  take = (request) => {
    if (request.kind === 'submit') batches.submit(request.batch);
    else batches.cancel(request.id);
  };
  early.forEach(take);
  sweepRegularly(batches);
});

/** @param opened receives each server to which a connection is open */
async function open(
  address: Address,
  names: Names,
  opened: Server[],
  deliver: (delivery: Delivery) => void,
): Promise<Batches> {
  const { Queue } = await peer('bullmq', () => import('bullmq'));
  // One after the other, so that a missing server is reported by the first.
  const server = await Server.open(address, PATIENCE);
  opened.push(server);
  const ears = await Server.open(address, PATIENCE);
  opened.push(ears);
  const connection = await connectionFor(address);
  const queue = new Queue(QUEUE, { connection: connection as ConnectionOptions, prefix: names.prefix });
  queue.on('error', () => {});
  const session = randomBytes(8).toString('hex');
  const batches = new Batches(
    { server, queue, names, session },
    {
      done: (id, bytes) => deliver({ kind: 'done', id, bytes }),
      failed: (id, { code, message }) => deliver({ kind: 'failed', id, code, message }),
    },
  );
  await ears.subscribe(names.done(session), (name) => batches.hear(name));
  return batches;
}

function sweepRegularly(batches: Batches): void {
  let isSweeping = false;
  setInterval(async () => {
    if (isSweeping) return;
    isSweeping = true;
    await batches.sweep();
    isSweeping = false;
  }, SWEEP);
}
