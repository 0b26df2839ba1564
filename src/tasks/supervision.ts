/** How the agent in which a program began starts its supervisor (host/supervisor.ts), and what ends with the program. */
import { kill, onExit, start } from '#host';
import { loader, supervisor } from '#programs';
import type { HostWorker } from '../host/host.js';
import type { Roll } from '../host/roll.js';

/** @returns the supervisor, which keeps no agent alive, and the port that leads to it */
export function startSupervisor(roll: Roll): { readonly worker: HostWorker; readonly port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const worker = start(
    { source: supervisor },
    {
      data: { roll: roll.words.buffer, loader, port: port2 },
      transfer: [port2],
      onMessage: () => {},
      name: 'supervisor of atomics-sync-free',
      // It passes the environment on to the workers of the reserve.
      sharesEnvironment: true,
      // What it holds of ended workers keeps process memory until it is collected, so it is made to collect often.
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
    },
  );
  worker.unref();
  onExit(() => killChildren(roll));
  return { worker, port: port1 };
}

/** Child processes would otherwise keep running until their event loops turn. */
export function killChildren(roll: Roll): void {
  for (const entry of roll.list()) {
    const pid = roll.pidOf(entry);
    if (pid !== 0) kill(pid, 'SIGKILL');
  }
}
