import type { Event } from 'atomics-sync-free';
import type { Awaitable, Role } from './role.js';

export interface Watcher {
  wait(timeout?: number): Awaitable<boolean>;
  set(): void;
  clear(): void;
  isSet(): boolean;
  text(): string;
}

const common = (event: Event): Omit<Watcher, 'wait'> => ({
  set: () => event.set(),
  clear: () => event.clear(),
  isSet: () => event.isSet,
  text: () => String(event),
});

export const watcher: Role<Event, Watcher> = {
  thread: (event) => ({ ...common(event), wait: (timeout) => event.wait(timeout) }),
  task: (event) => ({ ...common(event), wait: (timeout) => event.waitAsync({ timeout }) }),
};
