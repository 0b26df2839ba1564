// Each deadlock of deadlocks.test.ts twenty times.
process.env.RECOVER_ROUNDS ??= '20';
await import('./deadlocks.test.js');
