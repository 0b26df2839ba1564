// A program that takes itself for one of Windows, in whose console somebody presses Ctrl-Break.
import { Lock } from 'atomics-sync-free';
import { dumpOnSignal } from 'atomics-sync-free/trace';

const lock = new Lock({ name: 'Konten für alle' });
lock.acquire();
const end = dumpOnSignal(lock.arena);
process.emit('SIGBREAK', 'SIGBREAK');
end();
console.log(process.listenerCount('SIGBREAK'));
