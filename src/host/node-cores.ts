/**
 * The number of cores of a machine on which Node, Deno or Bun runs: two processors may share one core. Every worker loads
 * this file, so the host modules it needs are loaded only on demand.
 */
import type * as ChildProcess from 'node:child_process';
import type { Host } from './host.js';

const CPUS = '/sys/devices/system/cpu';

/** Each processor lists those with which it shares a core. */
function coresOfLinux(): number {
  const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
  const cores = readdirSync(CPUS)
    .filter((name) => /^cpu[0-9]+$/.test(name))
    .map((name) => readFileSync(`${CPUS}/${name}/topology/thread_siblings_list`, 'utf8'));
  return new Set(cores).size;
}

function coresOfMac(): number {
  const { execFileSync } = process.getBuiltinModule('node:child_process') as typeof ChildProcess;
  return Number(
    execFileSync('sysctl', ['-n', 'hw.physicalcpu'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
}

export const coresOfMachine: Host['coresOfMachine'] = () => {
  try {
    if (process.platform === 'linux') return coresOfLinux() || undefined;
    if (process.platform === 'darwin') return coresOfMac() || undefined;
  } catch {
    // There is no such file or command, as in some containers, or Deno lacks the permission.
  }
  return undefined;
};
