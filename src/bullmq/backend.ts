/**
 * The backend `'bullmq'`: batches are jobs of a queue on a Redis or Valkey server, run by workers on any number of
 * machines. One courier serves all Parallels of one server and namespace.
 */
import { type ErrorCode, SyncError } from '../core/errors.js';
import { addressOf, checkNamespace } from '../distributed/address.js';
import type {
  BackendSettings,
  BatchOutcome,
  DelayedCall,
  ParallelBackend,
  ParallelSession,
  RunningBatch,
} from '../joblib/parallel/backend.js';
import { packed } from '../joblib/parallel/packed-calls.js';
import { resolveTarget, toldOnce } from '../tasks/target.js';
import { codeOf } from './code.js';
import { Courier, type Outcome } from './courier.js';
import { decoded, encoded } from './payload.js';

/** For `nJobs: -1`, because nobody knows how many workers there will be: enough for several machines. */
const JOBS = 32;
const MOST_JOBS = 4096;
/** The default namespace, as in `connect`. */
const NAMESPACE = 'asf';
/** The default patience, in ms. */
const PATIENCE = 60_000;

const couriers = new Map<string, Courier>();

function courierFor({ url, namespace = NAMESPACE }: BackendSettings): Courier {
  if (url === undefined) throw new TypeError("the backend 'bullmq' needs a url: that of a Redis or Valkey server");
  const address = addressOf(url);
  checkNamespace(namespace);
  const key = `${namespace} ${address.url}`;
  let courier = couriers.get(key);
  // A courier that found no server is replaced: there may be one now.
  if (courier === undefined || courier.hasEnded) {
    courier = new Courier(address, namespace);
    couriers.set(key, courier);
  }
  return courier;
}

class QueueSession implements ParallelSession {
  readonly batches = true;
  readonly #courier: Courier;
  readonly #retries: number;
  readonly #patience: number;

  constructor(settings: BackendSettings) {
    this.#courier = courierFor(settings);
    this.#retries = settings.retries ?? 0;
    this.#patience = settings.patience ?? PATIENCE;
  }

  submit(calls: readonly DelayedCall[], done: (outcome: BatchOutcome) => void): RunningBatch {
    let isDone = false;
    const finish = (outcome: BatchOutcome): void => {
      if (isDone) return;
      isDone = true;
      done(outcome);
    };
    // An error names the path in the arguments. With several calls it is not reported: they are sent again in parts.
    const bytes = encoded(packed(calls, codeFor), '');
    const batch = { bytes, retries: this.#retries, patience: this.#patience };
    const id = this.#courier.submit(batch, (outcome) => finish(outcomeOf(outcome)));
    return {
      wait: (timeout) => this.#courier.wait(() => isDone, timeout),
      cancel: () => {
        if (this.#courier.cancel(id)) finish(failed(new SyncError('ERR_CANCELLED', 'the batch was cancelled')));
      },
    };
  }

  close(): void {}
}

/** What workers are told about a function. */
const codeFor = /* @__PURE__ */ toldOnce((target) => codeOf(resolveTarget(target).call));

const failed = (error: unknown): BatchOutcome => ({ values: [], duration: 0, failure: { error } });

function outcomeOf(outcome: Outcome): BatchOutcome {
  if (outcome.kind === 'failed') return failed(new SyncError(outcome.code as ErrorCode, outcome.message));
  try {
    return decoded(outcome.bytes) as BatchOutcome;
  } catch (error) {
    return failed(error);
  }
}

export const bullmq: ParallelBackend = {
  effectiveNJobs: (nJobs) => (nJobs < 0 ? JOBS : Math.min(nJobs, MOST_JOBS)),
  open: (_, settings) => new QueueSession(settings),
};
