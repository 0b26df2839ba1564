/** The program of the supervisor: a worker whose event loop is always free, and which does nothing but start others. */
import { serve } from '#host';
import { beat } from './life.js';
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
  const ours = new Roll(roll);
  beat(ours.words);
  new Spawner(ours, { source: loader }).connect(port);
  // To listen keeps it alive until whoever started it lets it end.
  parent.listen(() => {});
  return new Promise<never>(() => {});
});
