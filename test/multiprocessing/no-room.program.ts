// Does things that need memory, while one allocation fails, and then once more: no-room.program.js KIND NTH.
import { isMain, Pool, Queue, task } from 'atomics-sync-free/multiprocessing';
import { Thread } from 'atomics-sync-free/threading';

const here = import.meta.url;
type Kind = 'SharedArrayBuffer' | 'Uint8Array';

let made = 0;

/** Makes the nth allocation of this agent from now on fail, once. */
const lack = (kind: Kind, nth: number): void => {
  const construct = (Real: never, args: unknown[]): object => {
    if (kind === 'SharedArrayBuffer' || typeof args[0] === 'number') made++;
    if (made === nth) {
      made = nth + 1;
      throw new RangeError('Array buffer allocation failed');
    }
    return Reflect.construct(Real, args);
  };
  globalThis[kind] = new Proxy(globalThis[kind], { construct }) as never;
};

export const lackLater = task(here, 'lackLater', lack);
export const bytesOf = task(here, 'bytesOf', (length: number) => new Array(length).fill('byte').join(' '));
export const fill = task(here, 'fill', (queue: Queue<string>) => queue.put('x'.repeat(200_000)));

const attempt = async (initializer?: typeof lackLater, nth = 0): Promise<string> => {
  const pool = new Pool(1, initializer && { initializer, initargs: ['Uint8Array', nth] });
  try {
    await pool.mapAsync(bytesOf, [1, 2]);
    await pool.applyAsync(bytesOf, [100_000]);
    const queue = new Queue<string>();
    const thread = new Thread({ target: fill, args: [queue] });
    thread.start();
    await queue.getAsync({ timeout: 10_000 });
    await thread.joinAsync();
    return 'done';
  } catch (error) {
    return (error as Error).name;
  } finally {
    pool.terminate();
    await pool.joinAsync();
  }
};

if (isMain) {
  const [kind, nth] = [process.argv[2] as Kind, Number(process.argv[3])];
  if (kind === 'SharedArrayBuffer') lack(kind, nth);
  const first = await attempt(kind === 'Uint8Array' ? lackLater : undefined, nth).catch((error) => error.name);
  const count = made;
  made = Number.POSITIVE_INFINITY;
  const again = await attempt().catch(String);
  console.log(JSON.stringify({ first, again, count }));
}
