/** The machine that figures come from. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { manifest } from './manifest.js';

/** Whether the system tells how busy it is: on Windows Node reports 0. */
export const hasLoad = process.platform !== 'win32';

/** What a reader of figures wants to know about the machine and the runtime, by name. */
export function machineFacts(): Record<string, string> {
  const model = cpus()[0]?.model.trim() || 'unknown';
  return {
    Processors: `${availableParallelism()} × ${model}, ${process.arch}`,
    Memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    System: process.platform,
    Runtime: `Node ${process.version.slice(1)}, V8 ${process.versions.v8}`,
    ...(hasLoad && { Load: `${loadavg()[0].toFixed(1)} in the minute before the end` }),
    Package: `${manifest.name} ${manifest.version}`,
  };
}
