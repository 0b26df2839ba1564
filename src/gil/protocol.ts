/**
 * How CPython's global interpreter lock is taken and dropped (take_gil and drop_gil of Python/ceval_gil.c), on words
 * and futexes instead of two mutexes with a condition each.
 *
 * ```text
 * cell  0  descriptor
 *       1  FREED        gate: changed, then notified (one), by a drop when somebody waits           cond
 *       2  SWITCHED     gate: the switch number; changed by a taker that was not the last holder    switch_cond,
 *                       and then notified, if a forced switch may be asleep on it                   switch_number
 *       3  WORD         0, or owner << OWNER_SHIFT | ASKED | BLOCKED                                 locked, gil_drop_request
 *    4..7  DEATH        that its holder's death frees it: see core/memory/death.ts                  -
 *       8  LAST_HOLDER  the agent that took it last; written by the holder alone                    last_holder
 *       9  FORCED       1: a forced switch may be asleep on SWITCHED; cleared by the taker          -
 *      10  INTERVAL     µs that a waiter waits before it asks; written by anyone                    interval
 *      11  ASKER        an agent that waited when the holder was asked; written before ASKED is set  -
 *      12  DISABLED     1: free threading, nobody takes anything; written once                      enable_gil
 * ```
 *
 * WORD's bits: BLOCKED, a waiter may be asleep on FREED; ASKED, the drop request. A request is a bit of the word that
 * it is about, so it can only reach the intended holder, and goes when that one drops the GIL. CPython, which keeps it
 * elsewhere, clears it in take and in drop, and holds a mutex so that it does not come too late.
 *
 * **No wake is lost.** A waiter reads FREED, then sees BLOCKED in the word or sets it, then sleeps on FREED at the
 * value it read. Only a drop clears BLOCKED, and that drop changes FREED before it notifies, so the waiter either does
 * not fall asleep or is among those that are woken. The one that is woken is responsible for the others: it takes the
 * word with BLOCKED set, or finds it taken and sets BLOCKED again before it sleeps. No waiter gives up, so this always
 * happens. (Every sleep on FREED ends after an interval anyhow. The argument does not need that; the model checks it
 * with sleeps that never end by themselves.)
 *
 * **No forced switch hangs.** A holder that dropped on request reads SWITCHED, sets FORCED, and sleeps at the value it
 * read only if it is still the last holder and ASKER lives. A taker writes LAST_HOLDER, changes SWITCHED, and then
 * reads FORCED. So either the dropper sees the new holder, or the taker sees FORCED. There will be a taker: ASKER waits
 * until it has taken the GIL, whoever else comes first. If ASKER dies, which a CPython thread cannot, `retire` declares
 * it dead before it changes SWITCHED, so the dropper sees one or the other.
 *
 * Waiters check whether others live, as elsewhere (core/memory/vigil.ts), so somebody retires a dead agent. `retire` adds
 * 1 to both gates and notifies all. Waiters on FREED look again; a forced switch ends, as it does on CPython when
 * pthreads wakes it spuriously; a waiter about to ask assumes one switch that did not happen, and asks an interval
 * later.
 */
import { GATE, type Kind, OWNED } from '../core/memory/cells.js';
import { GIL_CODE } from '../core/memory/codes.js';
import { DEATH_WORDS } from '../core/memory/death.js';
import type { Member } from '../core/memory/member.js';
import { BLOCKED, ownerOf } from '../core/memory/owner.js';
import { isLive } from '../core/memory/slots.js';
import { DONE, FAILED, turn } from '../core/wait/block.js';
import { AGAIN, GOT, SLEEP, SLEPT } from '../core/wait/pass.js';
import type { Subject } from '../core/wait/wait.js';
import { Waiting } from '../core/wait/waiting.js';

// Offsets in the cell.
const FREED = GATE;
const SWITCHED = GATE + 1;
const GATES = 2;
export const WORD = GATE + GATES;
export const LAST_HOLDER = WORD + 1 + DEATH_WORDS;
const FORCED = LAST_HOLDER + 1;
export const INTERVAL = LAST_HOLDER + 2;
const ASKER = LAST_HOLDER + 3;
export const DISABLED = LAST_HOLDER + 4;
export const BOOKS = LAST_HOLDER + 5;

/** Somebody has waited for an interval: the holder is to drop the GIL at its next check. */
export const ASKED = 1 << 1;

export const GIL_KIND: Kind = { name: 'GIL', code: GIL_CODE, gates: GATES, role: OWNED, words: BOOKS + 1 };

// What `takeTurn` returns, and takes as the state for the next turn.
/** The GIL is taken. */
export const TAKEN = DONE;
/** This turn has asked the holder to drop the GIL. */
export const HAS_ASKED = 1 << 8;

/** How an agent waits for a GIL: to take it, and for another to take it after a drop on request. */
export interface Waits {
  readonly taking: Waiting;
  readonly switching: Waiting;
}

/** @param subject what the GIL is called */
export const waitsFor = (subject: Subject, member: Member, cell: number): Waits => ({
  taking: new Waiting(subject, member, takePass, cell, cell + FREED),
  switching: new Waiting(subject, member, switchPass, cell, cell + SWITCHED),
});

/**
 * Takes the GIL if nobody holds it and nobody waits for it: take's fast path.
 *
 * @param me the caller as the word names it: `agent << OWNER_SHIFT`
 */
export function takeFree(words: Int32Array, cell: number, me: number): boolean {
  if (Atomics.compareExchange(words, cell + WORD, 0, me) !== 0) return false;
  switchTo(words, cell, me);
  return true;
}

/** One pass of taking; see core/wait/pass.ts. */
function takePass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  if (ownerOf(word) === 0) {
    const owed = (state & SLEPT) === 0 ? 0 : BLOCKED;
    if (Atomics.compareExchange(words, cell + WORD, 0, me | owed) !== 0) return AGAIN;
    switchTo(words, cell, me);
    return GOT;
  }
  const left = (word & BLOCKED) !== 0 || Atomics.compareExchange(words, cell + WORD, word, word | BLOCKED) === word;
  return left ? SLEEP : AGAIN;
}

/**
 * One turn of a wait for the GIL: takes it, or sleeps for at most an interval and asks for it.
 *
 * @param state 0, or what the previous turn returned
 * @param interval how long to sleep before asking, in ms
 * @param part how long to sleep before checking whether others have died, in ms
 * @returns TAKEN, or the state for the next turn
 */
export function takeTurn({ taking }: Waits, state: number, interval: number, part = interval): number {
  const { words, vigil } = taking.member;
  const number = Atomics.load(words, taking.cell + SWITCHED);
  let slept = state & SLEPT;
  for (let left = interval; left > 0; left -= part) {
    const next = turn(taking, slept, Math.min(left, part));
    if (next !== FAILED) return next;
    vigil?.look([taking.cell]);
    slept = SLEPT;
  }
  return ask(words, taking.cell, taking.me, number) ? SLEPT | HAS_ASKED : SLEPT;
}

/**
 * Asks the holder to drop the GIL, unless a switch has happened since the caller went to sleep: then the new holder
 * still has its interval.
 *
 * @returns whether the request is new
 */
function ask(words: Int32Array, cell: number, me: number, number: number): boolean {
  for (;;) {
    const word = Atomics.load(words, cell + WORD);
    if (ownerOf(word) === 0 || (word & ASKED) !== 0) return false;
    if (Atomics.load(words, cell + SWITCHED) !== number) return false;
    Atomics.store(words, cell + ASKER, ownerOf(me));
    if (Atomics.compareExchange(words, cell + WORD, word, word | ASKED) === word) return true;
  }
}

/** What a new holder does first: it records itself and, if the last holder was another, that a switch has happened. */
function switchTo(words: Int32Array, cell: number, me: number): void {
  const agent = ownerOf(me);
  if (Atomics.load(words, cell + LAST_HOLDER) === agent) return;
  Atomics.store(words, cell + LAST_HOLDER, agent);
  Atomics.add(words, cell + SWITCHED, 1);
  if (Atomics.load(words, cell + FORCED) === 0) return;
  Atomics.store(words, cell + FORCED, 0);
  Atomics.notify(words, cell + SWITCHED);
}

/**
 * Drops the GIL, which the caller holds, and wakes one waiter. The caller may take it again before that one is awake.
 *
 * @returns whether it was asked for: then `awaitSwitch` is to follow, where blocking is allowed
 */
export function drop(words: Int32Array, cell: number): boolean {
  const old = Atomics.exchange(words, cell + WORD, 0);
  if ((old & BLOCKED) !== 0) {
    Atomics.add(words, cell + FREED, 1);
    Atomics.notify(words, cell + FREED, 1);
  }
  return (old & ASKED) !== 0;
}

/** One pass of a forced switch: GOT when another agent has taken the GIL, or none will. */
function switchPass(words: Int32Array, cell: number, me: number): number {
  Atomics.store(words, cell + FORCED, 1);
  if (!isLive(words, Atomics.load(words, cell + ASKER))) return GOT;
  return Atomics.load(words, cell + LAST_HOLDER) === ownerOf(me) ? SLEEP : GOT;
}

/** Makes a requested switch a forced one: sleeps until another agent has taken the GIL, or all waiters have died. */
export function awaitSwitch({ switching }: Waits): void {
  const { vigil } = switching.member;
  for (let waited = 0; ; ) {
    const part = vigil?.rest(waited) ?? Infinity;
    if (turn(switching, 0, part) !== FAILED) return;
    waited += part;
    vigil?.look();
  }
}
