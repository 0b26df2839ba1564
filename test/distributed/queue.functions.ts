// Functions for workers of a queue, in a file that needs no other.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export const square = (x: number): number => x * x;

export const echo = <T>(value: T): T => value;

/** From 1 on, what no message can carry. */
export const unsendable = (x: number): unknown => [x, () => x, new SharedArrayBuffer(8)][x];

/** Takes a while, unless a file says that it need not, and leaves a line that it has begun, and in which process. */
export async function slow(x: number, ms: number, file: string, isDone?: string): Promise<number> {
  appendFileSync(file, `${x} ${process.pid}\n`);
  if (isDone !== undefined && existsSync(isDone)) return x;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return x;
}

/** Fails until it has been called so many times. */
export function failing(times: number, file: string): string {
  appendFileSync(file, 'x\n');
  if (readFileSync(file, 'utf8').length / 2 < times) throw new RangeError('not yet');
  return 'done';
}
