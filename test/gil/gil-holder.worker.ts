// An agent that takes a GIL, says so, and holds it until its end.
import { workerData } from 'node:worker_threads';
import type { Event, Shared } from 'atomics-sync-free';
import { attach as attachBasic } from 'atomics-sync-free';
import { attach, type GIL } from 'atomics-sync-free/gil';

const { gil, held } = workerData as { readonly gil: Shared<GIL>; readonly held: Shared<Event> };
attach(gil).acquire();
attachBasic(held).set();
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
