/**
 * Parallel loops over many machines: the backend `'bullmq'` of `atomics-sync-free/joblib`, which this import registers.
 * The machines work by `npx atomics-sync-free worker redis://… --tasks ./tasks.mjs`.
 *
 * @module atomics-sync-free/joblib/bullmq
 */
import { registerParallelBackend } from '../joblib/parallel/config.js';
import { bullmq } from './backend.js';

export * from '../joblib/index.js';

registerParallelBackend('bullmq', bullmq);
