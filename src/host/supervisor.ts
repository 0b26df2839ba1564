/** The program of the supervisor: a worker whose event loop is always free, and which does nothing but start others. */
import { serve } from '#host';
import { Roll } from './roll.js';
import { Spawner } from './spawner.js';

/** What the supervisor is started with. */
export interface Charge {
  readonly roll: SharedArrayBuffer;
  /** The source of the program that each worker runs first. */
  readonly loader: string;
  /** Leads to whoever started it. */
  readonly port: MessagePort;
}

serve<Charge>(({ roll, loader, port }, parent) => {
  new Spawner(new Roll(roll), { source: loader }).connect(port);
  // Its own loop is to turn as long as the one who started it wants it to.
  parent.listen(() => {});
  return new Promise<never>(() => {});
});
