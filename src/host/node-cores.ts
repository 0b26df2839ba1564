/** How many cores the processors of a machine are that Node, Deno or Bun runs on: two processors may share one. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Host } from './host.js';

const CPUS = '/sys/devices/system/cpu';

/** Each processor names those with which it shares a core. */
function coresOfLinux(): number {
  const cores = readdirSync(CPUS)
    .filter((name) => /^cpu[0-9]+$/.test(name))
    .map((name) => readFileSync(`${CPUS}/${name}/topology/thread_siblings_list`, 'utf8'));
  return new Set(cores).size;
}

const coresOfMac = (): number =>
  Number(execFileSync('sysctl', ['-n', 'hw.physicalcpu'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

export const coresOfMachine: Host['coresOfMachine'] = () => {
  try {
    if (process.platform === 'linux') return coresOfLinux() || undefined;
    if (process.platform === 'darwin') return coresOfMac() || undefined;
  } catch {
    // There is no such file or command, as in some containers, or Deno may not ask.
  }
  return undefined;
};
