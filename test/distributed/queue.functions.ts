// Functions for the workers of a queue, in a self-contained file.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export const square = (x: number): number => x * x;

export const echo = <T>(value: T): T => value;

/** Returns something that no message can carry, for 1 and 2. */
export const unsendable = (x: number): unknown => [x, () => x, new SharedArrayBuffer(8)][x];

/** Adds a line to a file with `x` and its pid, then takes `ms`, unless the file `isDone` exists. */
export async function slow(x: number, ms: number, file: string, isDone?: string): Promise<number> {
  appendFileSync(file, `${x} ${process.pid}\n`);
  if (isDone !== undefined && existsSync(isDone)) return x;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return x;
}

/** Fails until it has been called `times` times. */
export function failing(times: number, file: string): string {
  appendFileSync(file, 'x\n');
  if (readFileSync(file, 'utf8').length / 2 < times) throw new RangeError('not yet');
  return 'done';
}
