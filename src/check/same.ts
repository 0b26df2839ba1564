/** Whether two threads do the same after the same past. */
import type { Effect, Finding, Stop, Task } from './finding.js';
import { sameOperation } from './operation.js';

/** Whether everything found about two threads is equal. */
export function sameFinding(one: Finding, other: Finding): boolean {
  return (
    one.trace === other.trace &&
    sameStop(one.stop, other.stop) &&
    one.effects.length === other.effects.length &&
    one.effects.every((each, at) => sameEffect(each, other.effects[at])) &&
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
