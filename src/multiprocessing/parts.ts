/** What a process waits for when its function has ended. */
import { release, retain } from '../core/wait/keep-alive.js';
import { knownClient } from '../tasks/client.js';
import { mainIdent } from '../tasks/order.js';

/**
 * Waits for the threads of this process, and for the processes that it has started, except daemons: what Python's processes
 * do at their end. What is then left of it ends with it.
 *
 * @param of.all whether to wait for all descendants, because they end with this process of the operating system
 */
export async function partsEnd(of: { readonly all?: boolean } = {}): Promise<void> {
  const known = knownClient();
  // It has started nothing.
  if (known === undefined) return;
  const { roll, entry } = known;
  const main = mainIdent();
  retain();
  try {
    for (;;) {
      const part = roll
        .list()
        .find(({ daemon, ident, within }) => !daemon && ident !== entry.ident && (of.all === true || within === main));
      if (part === undefined) break;
      await roll.end(part, part.name).waitAsync({});
    }
  } finally {
    release();
  }
  // This process reports their errors.
  await known.leave();
}
