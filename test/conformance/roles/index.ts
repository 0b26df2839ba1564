import { visitor } from './barrier.js';
import { notifier } from './condition.js';
import { watcher } from './event.js';
import { holder } from './holder.js';
import type { Manner, Role, Scratch } from './role.js';
import { readerWriter } from './rwlock.js';

/** All roles by name, by which the actor's thread finds them. */
export const roles = { holder, watcher, notifier, visitor, readerWriter };

export type RoleName = keyof typeof roles;
export type SubjectOf<Name extends RoleName> =
  (typeof roles)[Name] extends Role<infer Subject, infer _> ? Subject : never;
export type ActsOf<Name extends RoleName> = (typeof roles)[Name] extends Role<infer _, infer Acts> ? Acts : never;

export type Act = (...args: unknown[]) => unknown;

/** What an actor can do, by name; the caller must ensure that the subject fits the role. */
export function play(role: RoleName, manner: Manner, subject: unknown, scratch: Scratch): ReadonlyMap<string, Act> {
  return new Map<string, Act>(Object.entries(roles[role][manner](subject as never, scratch)));
}
