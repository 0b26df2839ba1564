/** Whether this agent is a Parallel's worker: a Parallel in it makes its calls itself, or there would be too many workers. */

let inWorker = false;

export function enterWorker(): void {
  inWorker = true;
}

export const isInWorker = (): boolean => inWorker;
