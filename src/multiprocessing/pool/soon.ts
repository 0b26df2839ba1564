/** What is to happen in a turn of its own, as what awaits a promise does: all that is asked for at a time has one microtask. */
let calls: (() => void)[] = [];

/** Calls something in a microtask; it must not throw. */
export function soon(call: () => void): void {
  if (calls.push(call) === 1) queueMicrotask(run);
}

function run(): void {
  const all = calls;
  calls = [];
  for (const call of all) call();
}
