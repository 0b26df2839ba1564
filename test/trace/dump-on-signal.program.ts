// A program that sends itself a signal to ask who holds what.
import { Lock } from 'atomics-sync-free';
import { dumpOnSignal } from 'atomics-sync-free/trace';

const lock = new Lock({ name: 'accounts' });
lock.acquire();
const end = dumpOnSignal(lock.arena);
const told = new Promise((resolve) => process.once('SIGUSR2', resolve));
process.kill(process.pid, 'SIGUSR2');
// A signal keeps no program alive.
const alive = setInterval(() => {}, 1000);
await told;
clearInterval(alive);
end();
console.log(process.listenerCount('SIGUSR2'));
