/** Whether this agent works for a Parallel: one within it runs in the same worker, so that there are never too many. */

let inWorker = false;

export function enterWorker(): void {
  inWorker = true;
}

export const isInWorker = (): boolean => inWorker;
