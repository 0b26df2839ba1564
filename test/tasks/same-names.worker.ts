// A module that gives two tasks the same name, and creates another only where `isMain` is true.
import { isMain, task } from 'atomics-sync-free/threading';

export const one = task(import.meta.url, 'same', () => 1);
export const other = task(import.meta.url, 'same', () => 2);

export const here = isMain ? task(import.meta.url, 'here', () => 3) : undefined;
