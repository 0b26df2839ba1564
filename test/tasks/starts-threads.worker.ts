// A module that starts a thread without checking `isMain`.
import { Thread, task } from 'atomics-sync-free/threading';

export const innocent = task(import.meta.url, 'innocent', () => 1);

new Thread({ target: innocent }).start();
