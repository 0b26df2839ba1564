/** How this copy of the package calls functions in a worker. */
import { knownClient } from './client.js';
import type { Runner } from './order.js';
import { parcels } from './parcel.js';
import { WorkerRunner } from './run.js';

export const runner: Runner = /* @__PURE__ */ new WorkerRunner(parcels, () => knownClient()?.leave());
