/** The main function of a manager's worker. */
import { hereOf } from '../../../core/here.js';
import { task } from '../../../tasks/task.js';
import { SHARED } from '../../attach.js';
import { beProcess, type ProcessInfo } from '../../here.js';
import { know } from '../../ring/items.js';
import { reach } from '../arrival.js';
import type { Home } from '../home.js';
import { Desk } from './desk.js';
import type { Registered } from './factory.js';
import { Server } from './server.js';

for (const shared of SHARED) know(shared);

/** What the worker is started with. */
interface ServerBrief {
  readonly home: Home;
  readonly classes: Readonly<Record<string, Registered>>;
  readonly name: string;
  readonly parent: ProcessInfo;
}

/** The worker finds it by its name in the module that has it: the package's, or what a bundler made of that. */
export const managerMain = task(
  hereOf(import.meta.url),
  'worker of a manager of atomics-sync-free',
  async ({ home, classes, name, parent }: ServerBrief) => {
    beProcess({ name, daemon: true }, parent);
    const desk = reach(home, new Desk(home, classes));
    home.begin();
    await new Server(home, desk).serve();
  },
);
