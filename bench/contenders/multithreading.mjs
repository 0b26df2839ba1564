// The npm package `multithreading`, which reads browsers' `navigator` when it is loaded; Node 20 has none.
globalThis.navigator ??= {};
export const { Condvar, Mutex, Semaphore } = await import('multithreading');
