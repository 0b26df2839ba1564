// The npm package `multithreading`, which asks for browsers' `navigator` when it is loaded; Node 20 has none.
globalThis.navigator ??= {};
export const { Condvar, Mutex, Semaphore } = await import('multithreading');
