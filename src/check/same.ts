/** Whether two threads do the same after the same past. */
import type { Effect, Finding, Stop, Task } from './finding.js';
import { sameOperation } from './operation.js';

/** Whether everything found about two threads is equal. */
export function sameFinding(one: Finding, other: Finding): boolean {
  return (
    one.trace === other.trace &&
    sameStop(one.stop, other.stop) &&
    sameEffects(one.effects, other.effects) &&
    one.tasks.length === other.tasks.length &&
    one.tasks.every((each, at) => sameTask(each, other.tasks[at]))
  );
}

function sameStop(one: Stop, other: Stop): boolean {
  if (one.kind === 'operation' || one.kind === 'asleep') {
    return one.kind === other.kind && sameOperation(one.operation, other.operation);
  }
  if (one.kind === 'idle' && other.kind === 'idle') {
    return one.finished === other.finished && one.resumes === other.resumes;
  }
  if (one.kind === 'error' && other.kind === 'error') return String(one.error) === String(other.error);
  return one.kind === other.kind;
}

/** Whether the same ghost words are changed in the same way and order. */
export function sameEffects(one: readonly Effect[], other: readonly Effect[]): boolean {
  return one.length === other.length && one.every((each, at) => sameEffect(each, other[at]));
}

function sameEffect(one: Effect, other: Effect): boolean {
  return one.word === other.word && one.value === other.value && one.relative === other.relative;
}

function sameTask(one: Task, other: Task): boolean {
  if (one.call !== undefined && other.call !== undefined && !sameOperation(one.call, other.call)) return false;
  return (
    one.id === other.id &&
    one.word === other.word &&
    one.timeout === other.timeout &&
    one.abandoned === other.abandoned &&
    (one.call === undefined) === (other.call === undefined)
  );
}
