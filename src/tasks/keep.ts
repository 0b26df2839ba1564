/** How a worker keeps a child process: the process lives as long as the worker, and the worker as long as the process. */
import { startChild } from '#host';
import { child as program } from '#programs';
import { SyncError } from '../core/errors.js';
import type { HostChild } from '../host/host.js';
import type { ChildSettings } from '../host/settings.js';
import type { Function_ } from './call.js';
import type { Charge } from './child.js';
import { client } from './client.js';
import { inherited } from './inherited.js';
import { resolveTarget } from './target.js';

/** Whether this host has child processes. */
export const hasChildren: boolean = startChild !== undefined;

/**
 * Starts a child process, and records on the roll that the calling worker keeps it: ending the worker ends the process.
 *
 * @param main the process's main function, a task that is called with the link
 * @param settings what it is started with; by default, what this worker has
 * @throws what the host throws when it cannot be started
 */
export async function keepChild(main: Function_, settings?: ChildSettings): Promise<HostChild> {
  const { call } = resolveTarget(main);
  if (startChild === undefined || call.way !== 'task')
    throw new SyncError('ERR_INVARIANT', `no child process can be started for ${call.name}`);
  const { roll, entry } = client();
  const child = await startChild({ source: program }, settings);
  roll.setPid(entry, child.pid);
  void child.exit.then(() => roll.setPid(entry, 0));
  child.link.send(
    0,
    0,
    new TextEncoder().encode(JSON.stringify({ main: call, inherits: inherited() } satisfies Charge)),
  );
  return child;
}
