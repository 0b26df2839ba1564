/**
 * The keeper of a child process: a worker of this process whose event loop is free. To all others it stands for the
 * child: it is on the roll as long as the child runs, and its result is how the child ended. So an agent that joins it
 * may block.
 *
 * ```text
 *  Process ──▶ supervisor ──▶ keeper ══link══▶ child process (main.ts)
 *              terminate, or the end of the parent: SIGKILL ──▶
 * ```
 */
import { hereOf } from '../../core/here.js';
import { print } from '../../core/thrown.js';
import type { ChildSettings } from '../../host/settings.js';
import { keepChild } from '../../tasks/keep.js';
import { task } from '../../tasks/task.js';
import { SHARED } from '../attach.js';
import type { Connection } from '../connection.js';
import { know } from '../ring/items.js';
import { childMain } from './main.js';
import { START } from './messages.js';
import { Relay } from './relay.js';

for (const shared of SHARED) know(shared);

/**
 * Keeps a child process until it has ended.
 *
 * @returns its exit code, or the number of the signal that ended it, negated
 */
export const keeper = task(
  hereOf(import.meta.url),
  'keeper of a child process of atomics-sync-free',
  async (assignment: Uint8Array, connections: readonly Connection[], settings: ChildSettings | undefined) => {
    const { link, exit } = await keepChild(childMain, settings);
    const relays = connections.map((connection, index) => new Relay(link, index, connection, print));
    link.listen((frame) => relays[frame.index].hear(frame));
    link.send(START, 0, assignment);
    const status = await exit;
    await link.closed;
    await Promise.all(relays.map((relay) => relay.settle()));
    return status;
  },
);
