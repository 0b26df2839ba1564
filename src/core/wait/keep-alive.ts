/** A pending `Atomics.waitAsync` alone does not keep a process alive; this does. */
const LONGEST_TIMER = 2 ** 31 - 1;
let waits = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function retain(): void {
  if (waits++ === 0) timer = setInterval(() => {}, LONGEST_TIMER);
}

export function release(): void {
  if (--waits === 0) clearInterval(timer);
}
