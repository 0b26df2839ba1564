/** Schedules: as seeds, and as readable steps. */
import { ScenarioError } from './errors.js';
import type { Machine } from './machine.js';
import { detailOf, kindOf, MOVE_KINDS, type Move, move, type State, threadOf } from './moves.js';
import { TIMED_OUT } from './objects/specification.js';
import type { Operation } from './operation.js';
import { BLOCKED } from './queues.js';
import type { Schedule, Step } from './result.js';
import type { LateStore } from './store-buffers.js';

/** One letter per kind of move; a plain step has none. */
const LETTERS = ['s', 't', 'j', 'k', 'f'];

/**
 * `0` is a step of thread 0, `0s1` its second alternative, `1t` a time-out, `2j1` a turn, `0k` a death, `0f` a late
 * store reaching memory; `0*3` is `0.0.0`.
 */
export function seedOf(moves: readonly Move[]): string {
  const parts: string[] = [];
  for (let at = 0; at < moves.length; ) {
    let end = at + 1;
    while (end < moves.length && moves[end] === moves[at]) end++;
    const [kind, detail] = [MOVE_KINDS.indexOf(kindOf(moves[at])), detailOf(moves[at])];
    const what = kind === 0 && detail === 0 ? '' : `${LETTERS[kind]}${detail === 0 ? '' : detail}`;
    parts.push(`${threadOf(moves[at])}${what}${end - at > 1 ? `*${end - at}` : ''}`);
    at = end;
  }
  return parts.join('.');
}

export function movesOf(seed: string): Move[] {
  if (seed === '') return [];
  return seed.split('.').flatMap((part) => {
    const match = /^(\d+)([stjkf]?)(\d*)(?:\*(\d{1,7}))?$/.exec(part);
    if (match === null) throw new ScenarioError(`'${part}' is not part of a seed`);
    const [, thread, letter, detail, times] = match;
    const kind = MOVE_KINDS[letter === '' ? 0 : LETTERS.indexOf(letter)];
    return Array<Move>(Number(times ?? 1)).fill(move(Number(thread), kind, Number(detail)));
  });
}

/** The states that the moves of a schedule lead through, up to the first move that is not possible. */
export function statesAlong(machine: Machine, moves: readonly Move[]): State[] {
  const states = [machine.first];
  for (const each of moves) {
    const state = states[states.length - 1];
    if (!machine.enabled.moves(state).includes(each)) break;
    states.push(machine.after(state, each));
  }
  return states;
}

/** Makes the moves once more, from the first state, and describes each. */
export function scheduleOf(machine: Machine, moves: readonly Move[]): Schedule {
  let state = machine.first;
  const steps = moves.map((each): Step => {
    const next = machine.after(state, each);
    const step = describe(machine, state, each, next);
    state = next;
    return step;
  });
  return { steps, seed: seedOf(moves) };
}

function describe(machine: Machine, before: State, made: Move, after: State): Step {
  const thread = threadOf(made);
  const { name, history, place } = machine.actors[thread];
  const past = before.pasts[thread];
  const { stop } = past;
  const isStep = kindOf(made) === 'step' && stop.kind === 'operation';
  return {
    thread: name,
    operation: isStep
      ? stop.operation.kind === 'call'
        ? machine.objects.tell(stop.operation, Number(machine.lastResult))
        : operationText(machine, stop.operation) + resultText(machine, stop.operation)
      : otherText(machine, before, made),
    change: changes(machine, before, after),
    where: isStep ? history.wayTo(past, place) : '',
  };
}

function operationText(machine: Machine, { kind, word, a, b }: Operation): string {
  const name = word < 0 ? '' : machine.words.nameOf(word);
  const timeout = b === Infinity ? '' : `, ${b} ms`;
  switch (kind) {
    case 'load':
      return `load(${name})`;
    case 'read':
      return `plain read of ${name}`;
    case 'write':
      return `plain write of ${name}`;
    case 'compareExchange':
      return `compareExchange(${name}, ${a}, ${b})`;
    case 'wait':
    case 'waitAsync':
      return `${kind}(${name}, ${a}${timeout})`;
    case 'notify':
      return `notify(${name}${a === Infinity ? '' : `, ${a}`})`;
    case 'choose':
      return `choose(${a})`;
    case 'step':
      return 'step()';
    case 'now':
      return 'performance.now()';
    case 'joinDead':
      return 'joinDead()';
    default:
      return `${kind}(${name}, ${a})`;
  }
}

function resultText(machine: Machine, { kind }: Operation): string {
  const { lastResult, lastWoken } = machine;
  if (lastResult === undefined) return ' → sleeps';
  if (kind === 'store' || kind === 'write' || kind === 'step') return '';
  if (kind === 'waitAsync' && typeof lastResult === 'number') return ` → async wait ${lastResult}`;
  if (kind === 'now') return lastResult === 1 ? ' → past the deadline' : ' → in time';
  if (kind === 'joinDead') return ` → ${machine.actors[Number(lastResult)].name} is dead`;
  if (kind !== 'notify') return ` → ${lastResult}`;
  const names = lastWoken.map(({ thread }) => machine.actors[thread]?.name ?? 'a dead waiter');
  return names.length === 0 ? ' → wakes nobody' : ` → wakes ${names.join(', ')}`;
}

function otherText(machine: Machine, before: State, made: Move): string {
  const thread = threadOf(made);
  const detail = detailOf(made);
  const { stop, tasks } = before.pasts[thread];
  const waits = tasks.find(({ id }) => id === detail);
  const task =
    waits === undefined
      ? ''
      : waits.word < 0
        ? 'callback'
        : `async wait ${detail} on ${machine.words.nameOf(waits.word)}`;
  if (waits?.call !== undefined && kindOf(made) !== 'kill') {
    return `a task ${machine.objects.tell(waits.call, Number(machine.lastResult))}`;
  }
  switch (kindOf(made)) {
    case 'timeout':
      if (stop.kind === 'operation' && detail === BLOCKED) return machine.objects.tell(stop.operation, TIMED_OUT);
      if (detail !== BLOCKED) return `${task} times out`;
      return `wait(${stop.kind === 'asleep' ? machine.words.nameOf(stop.operation.word) : ''}) times out`;
    case 'turn':
      if (task === '') return 'the next phase begins';
      return waits?.word === -1 ? 'turn: a callback of later()' : `turn: ${task} gives ${machine.lastResult}`;
    case 'flush': {
      const { word, value } = machine.storeBuffers.oldest(before.late, thread) as LateStore;
      return `plain write of ${machine.words.nameOf(word)} (${value}) is seen by all`;
    }
    default:
      return `is killed${detail === 0 ? '' : '; its wait stays and takes a notify'}`;
  }
}

function changes(machine: Machine, before: State, after: State): string {
  const changed: string[] = [];
  const names = machine.actors.map(({ name }) => name);
  for (let word = 0; word < machine.words.count; word++) {
    const [from, to] = [machine.images.get(before.image, word), machine.images.get(after.image, word)];
    const change = from === to ? '' : machine.words.change(word, from, to, names);
    if (change !== '') changed.push(change);
  }
  const late = lateChange(machine, before, after);
  return (late === '' ? changed : [late, ...changed]).join(', ');
}

/** A store that others cannot see yet. */
function lateChange({ words, images, actors }: Machine, before: State, after: State): string {
  const had = before.late.stores;
  const { stores } = after.late;
  if (stores.length <= had.length) return '';
  // The stores of a thread are adjacent: up to the new one, which is the last of its thread, all are as before.
  const { thread, word, value } = stores.find((each, at) => each.thread !== had[at]?.thread) as LateStore;
  const seen = had.findLast((each) => each.thread === thread && each.word === word)?.value;
  const from = seen ?? images.get(before.image, word);
  return `${words.nameOf(word)} ${from} → ${value} for ${actors[thread].name} alone`;
}
