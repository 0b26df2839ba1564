/** All scenarios of the primitives. */
import { barriers } from './barrier.model.js';
import { conditions } from './condition.model.js';
import { conditionDeaths } from './condition-death.model.js';
import { core } from './core.model.js';
import { deaths } from './death.model.js';
import { detectors } from './detector.model.js';
import { driver } from './driver.model.js';
import { events } from './event.model.js';
import { leases } from './lease.model.js';
import { locks } from './lock.model.js';
import { pulses } from './pulse.model.js';
import { queues } from './queue.model.js';
import { rwlocks } from './rwlock.model.js';
import { semaphores } from './semaphore.model.js';
import { slots } from './slots.model.js';
import type { Model } from './world.js';

export const models: readonly Model[] = [
  ...core,
  ...slots,
  ...detectors,
  ...driver,
  ...pulses,
  ...locks,
  ...deaths,
  ...semaphores,
  ...events,
  ...conditions,
  ...conditionDeaths,
  ...barriers,
  ...rwlocks,
  ...queues,
  ...leases,
];
