/** The program of the supervisor: a worker whose event loop is always free because it does nothing but start others. */
import { serve } from '#host';
import { beat } from './life.js';
import { Roll } from './roll.js';
import { Spawner } from './spawner.js';

/** The data with which the supervisor is started. */
export interface Charge {
  readonly roll: SharedArrayBuffer;
  /** The source of the program that each worker runs first. */
  readonly loader: string;
  /** Leads to the agent that started it. */
  readonly port: MessagePort;
}

serve<Charge>(({ roll, loader, port }, parent) => {
  const ours = new Roll(roll);
  beat(ours.words);
  new Spawner(ours, { source: loader }).connect(port);
  // Listening keeps it alive until the agent that started it lets it end.
  parent.listen(() => {});
  return new Promise<never>(() => {});
});
