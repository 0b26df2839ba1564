/**
 * Primitives under the explorer: an arena made with real Atomics is the first contents of a scenario's memory; each
 * thread of the scenario is an agent with a slot of its own and live objects of its own over that memory.
 *
 * The agents call the shipped methods. Only the blocking driver's loop is replaced: it runs the shipped `turn`, but the
 * explorer chooses what the clock says, and retries are marked so that the exploration ends.
 */
import {
  explore,
  type Result,
  region,
  type Scenario,
  type Thread,
  type ThreadOptions,
  type ThreadView,
} from 'atomics-sync-free/check';
import { Arena } from '#dist/core/memory/arena.js';
import { ownerDied } from '#dist/core/memory/death.js';
import { JoinedArena } from '#dist/core/memory/joined-arena.js';
import { Member } from '#dist/core/memory/member.js';
import { agentId, OWNER_SHIFT } from '#dist/core/memory/owner.js';
import { DEAD, IDLE, putRecord, TALLYING, takeRecord } from '#dist/core/memory/records.js';
import { FREED, firstCell, NEXT, SEARCH, slotIndex } from '#dist/core/memory/region.js';
import { CLAIM, LIFE } from '#dist/core/memory/slots.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import { Place } from '#dist/core/share/place.js';
import type { SharedObject } from '#dist/core/share/shared-object.js';
import { DEADLOCK, DONE, ORPHANED, turn } from '#dist/core/wait/block.js';
import { setClock } from '#dist/core/wait/clock.js';
import { GOT, LAST, LOOK, OWNER_DIED, STARVED } from '#dist/core/wait/pass.js';
import { Waiting } from '#dist/core/wait/waiting.js';
import { enterLoop, KEPT_ALIVE, withEventLoop } from './event-loop.js';

// The explorer's clock stands there.
setClock(() => performance.now());

/** The slot of the first agent of the model; the test itself has slot 0. */
const FIRST_SLOT = 1;
const LIVE = 1;
/** Offsets in a record. */
const OWNER = 2;
const STATE = 3;
const HELD = 4;
const BACK = 5;
const SUBJECT = 6;
const SEATS_OF = 7;

/** The records of the first thread are called a…, as the explorer's own names are. */
const FIRST_LETTER = 97;

/** How long a timed wait lasts, in ms; the explorer chooses when that is over. */
export const WHILE = 1000;

/** The id of the agent that runs the n-th thread. */
export const agentOf = (thread: number): number => agentId(FIRST_SLOT + thread, 1);
/** One that retires others without being a member: no agent takes it for a living one. */
export const OUTSIDER = 0;
export const ownerWordOf = (thread: number): number => agentOf(thread) << OWNER_SHIFT;

/** What the explorer decides about an agent's blocking waits, besides their interleaving. */
export interface Habits {
  /** Whether a waiter may become starving, or is so from the first moment. */
  readonly starves?: boolean | 'at once';
  /** How often it may have to sleep for one call at the most. */
  readonly blocks?: number;
  /** Whether a wait begins with a look, as that of a spinning agent does. */
  readonly looks?: boolean;
  /**
   * What local state its calls have beside what the driver is given, which the marks must keep: none; what the call's
   * wait before this one gave; or anything, so that all of the call's past is kept.
   */
  readonly keeps?: 'last' | 'past';
}

/** A member whose agent is being re-executed: in the driver's place, its arena does whatever it blocks for. */
class AgentMember extends Member {
  arena: AgentArena | undefined;
}
const arenaOf = ({ member }: Waiting): AgentArena | undefined =>
  member instanceof AgentMember ? member.arena : undefined;

Waiting.prototype.block = function (timeout, initial) {
  const arena = arenaOf(this);
  if (arena === undefined) throw new Error('an agent blocks that is not of the model');
  return arena.block(this, timeout, initial);
};

const { waitAsync } = Waiting.prototype;
Waiting.prototype.waitAsync = function (options, initial = 0, onGot, given) {
  const starves = arenaOf(this)?.starvesAtOnce ? STARVED : 0;
  return waitAsync.call(this, options, initial | starves, onGot, given);
};

/** An arena as an agent of the model sees it. */
export class AgentArena extends JoinedArena {
  readonly #thread: Thread;
  readonly #habits: Habits;
  #last = '';
  /** How often the present call has blocked. */
  #blocked = 0;

  constructor(member: AgentMember, thread: Thread, habits: Habits) {
    super(member);
    member.arena = this;
    this.#thread = thread;
    this.#habits = habits;
  }

  /** Whether the agent's waits, its tasks' too, have begun long ago. */
  get starvesAtOnce(): boolean {
    return this.#habits.starves === 'at once';
  }

  block(waiting: Waiting, timeout: number, initial = 0): boolean {
    const { pass, cell, me, gate } = waiting;
    const { starves = false, blocks = Number.POSITIVE_INFINITY, looks = false, keeps } = this.#habits;
    if (++this.#blocked > blocks) throw new Error('it waits where it need not');
    const { words } = this;
    const thread = this.#thread;
    const timed = timeout < Number.POSITIVE_INFINITY;
    const kept = keeps === 'past' ? thread.past() : keeps === 'last' ? this.#last : '';
    const counted = blocks < Number.POSITIVE_INFINITY ? this.#blocked : '';
    const wait = `${pass.name} ${gate} ${timed} ${counted}${kept}`;
    const looked = looks ? pass(words, cell, me, initial | LOOK) : undefined;
    if (looked === GOT) return this.#ended(true);
    if (looked === OWNER_DIED) throw ownerDied(words, cell, waiting.subject.label);
    let state = this.starvesAtOnce ? initial | STARVED : initial;
    while (state >= 0) {
      thread.mark(`${wait} ${state}`);
      if (starves && (state & STARVED) === 0 && thread.choose(2) === 1) state |= STARVED;
      if (timed && (state & LAST) === 0 && thread.choose(2) === 1) state |= LAST;
      state = turn(waiting, state, timed ? WHILE : timeout);
    }
    if (state === DEADLOCK) throw new Error('deadlock with a task of the same agent');
    if (state === ORPHANED) throw ownerDied(words, cell, waiting.subject.label);
    return this.#ended(state === DONE);
  }

  #ended(had: boolean): boolean {
    this.#last = `${had}`;
    return had;
  }

  /** A mark between two calls: of the calls before it, only where it stands and the key still matter. */
  mark(where: string, key: string | number | boolean = ''): void {
    this.forget();
    this.#thread.mark(`${where} ${key}`);
  }

  /** A new call begins. */
  forget(): void {
    this.#last = '';
    this.#blocked = 0;
  }
}

/** An agent of the model, while its thread runs. */
export interface Agent<G extends string> {
  readonly index: number;
  readonly arena: AgentArena;
  readonly words: Int32Array;
  readonly thread: Thread<G>;
  /** This agent's own live object of a primitive. */
  attach<T extends SharedObject>(make: new (place: Place) => T, of: T): T;
}

export interface AgentOptions<G extends string> extends Habits, Pick<ThreadOptions<string, G>, 'killable'> {
  readonly name?: string;
  /** That it has the record of a wait from the beginning, and what others see of it while nobody dies. */
  readonly records?: 'nothing' | 'links' | 'tally';
}

/** An arena whose primitives a scenario's agents use. */
export class World<G extends string = never> {
  readonly arena: Arena;
  /** How often its agents get something, or fail to, if all of them come to an end. */
  uses = 0;
  readonly #names: Record<number, string> = {};
  readonly #plain = new Set<number>();
  readonly #threads: ThreadOptions<string, G>[] = [];
  readonly #variable = new Set<number>();
  readonly #private = new Map<number, number>();
  readonly #tallies: { readonly thread: number; readonly word: number; readonly record: number }[] = [];
  readonly #growing: boolean;

  /**
   * @param agents how many there are at the most
   * @param options `growing`: cells are allocated while the agents run
   */
  constructor(agents: number, { growing = false }: { growing?: boolean } = {}) {
    this.arena = new Arena({ byteLength: 4096, agents: agents + FIRST_SLOT });
    this.#growing = growing;
    for (let i = 0; i < agents; i++) {
      const life = slotIndex(FIRST_SLOT + i) + LIFE;
      this.arena.words[life] = (1 << 2) | LIVE;
      this.arena.words[slotIndex(FIRST_SLOT + i) + CLAIM] = i + 1;
      this.#names[life] = `life of ${i}`;
    }
  }

  /** Names the words of a cell, by their offsets; names that end in `!` are those the code may read plainly. */
  name(cell: number, words: Readonly<Record<number, string>>): void {
    for (const [offset, name] of Object.entries(words)) {
      const at = cell + Number(offset);
      this.#names[at] = name.replace('!', '');
      this.#variable.add(at);
      if (name.endsWith('!')) this.#plain.add(at);
    }
  }

  /** The next thread, an agent: what it does, as a list of phases. */
  agent(options: AgentOptions<G>, does: (agent: Agent<G>) => readonly (() => unknown)[]): this {
    const index = this.#threads.length;
    const { name = 'agent', killable, records, ...habits } = options;
    const own = records === undefined ? [] : [this.#recordOf(index, records)];
    this.#threads.push({
      name: `${name} ${index}`,
      ...(killable === undefined ? {} : { killable }),
      phases: ({ words }, thread) => {
        enterLoop(thread as unknown as Thread<never>);
        const arena = new AgentArena(new AgentMember(words, agentOf(index)), thread as unknown as Thread, habits);
        arena.member.idleRecords.push(...own);
        for (const { thread: whose, word, record } of this.#tallies) {
          if (whose === index) arena.member.tallies.set(word, { record, waits: 0 });
        }
        const attach: Agent<G>['attach'] = (make, { cell }) => new make(new Place(arena, cell));
        // The records an agent has in hand are what it keeps from call to call.
        return does({ index, arena, words, thread, attach }).map((phase) => () => {
          arena.forget();
          phase();
          return arena.member.idleRecords.join();
        });
      },
    });
    return this;
  }

  /** The next thread, which is not an agent: one that looks after the dead, say. */
  other(name: string, run: NonNullable<ThreadOptions<string, G>['run']>): this {
    const same = this.#threads.filter((thread) => thread.name === name || thread.name?.startsWith(`${name} #`));
    this.#threads.push({ name: same.length === 0 ? name : `${name} #${same.length + 1}`, run });
    return this;
  }

  /** The arena, with what its agents do. The header, and the table of cells, do not change while nobody allocates. */
  scenario(conditions: Partial<Scenario<string, G>>): Scenario<string, G> {
    const { words } = this.arena;
    const dies = (conditions.kills ?? 0) > 0;
    const header = slotIndex(0);
    const cells = firstCell(words);
    const memory = region(words, {
      name: 'arena',
      names: this.#names,
      plain: (index) => index < header || this.#plain.has(index) || (this.#growing && index >= cells),
      // An agent that retires the dead reads their records.
      privateTo: (index) => (dies ? undefined : this.#private.get(index)),
      constant: (index) =>
        index < header
          ? ![NEXT, FREED, SEARCH].includes(index) && !this.#variable.has(index)
          : !this.#growing && index >= cells && !this.#variable.has(index),
    });
    const final: Scenario<string, G>['final'] = (values, view) => {
      const kept: Readonly<Record<string, number>> = values;
      if (!dies && kept[KEPT_ALIVE] !== 0) return 'a process is kept alive for nothing';
      return conditions.final?.(values, view);
    };
    const ghosts = { ...conditions.ghosts, [KEPT_ALIVE]: 0 } as Readonly<Record<G, number>>;
    return { memory, threads: this.#threads, ...conditions, ghosts, final };
  }

  /**
   * Gives an agent its tally of what it has of something, before it begins.
   *
   * @param word the word that counts, whose seats begin at `seats`
   * @param back what one that is given back adds to the word
   * @param held how many it has already
   */
  tally(thread: number, word: number, seats: number, back: number, held = 0): void {
    const record = this.#newRecord(thread, ['descriptor', 'gate', 'owner!', 'state!', 'held!']);
    const { words } = this.arena;
    for (const [field, value] of [
      [STATE, TALLYING],
      [HELD, held << 1],
      [BACK, back],
      [SUBJECT, word],
      [SEATS_OF, seats],
    ] as const)
      Atomics.store(words, record + field, value);
    for (const field of [OWNER, STATE, HELD]) this.#private.set(record + field, thread);
    this.#tallies.push({ thread, word, record });
  }

  /** A record of an agent's waits; of a Condition's, others see the state and the links. */
  #recordOf(thread: number, shared: 'nothing' | 'links' | 'tally'): number {
    const fields =
      shared === 'tally'
        ? ['descriptor', 'gate', 'owner!', 'state!', 'held!', 'back!', 'subject!', 'seats!']
        : ['descriptor', 'gate', 'owner', 'state', 'next!', 'prev!', 'subject!'];
    const record = this.#newRecord(thread, fields);
    const own = {
      nothing: [OWNER, STATE, SUBJECT],
      links: [SUBJECT],
      tally: [OWNER, STATE, HELD, BACK, SUBJECT, SEATS_OF],
    };
    for (const field of own[shared]) this.#private.set(record + field, thread);
    return record;
  }

  #newRecord(thread: number, fields: readonly string[]): number {
    const { member } = this.arena;
    const record = takeRecord(member, 0);
    putRecord(member, record);
    member.idleRecords.pop();
    Atomics.store(this.arena.words, record + OWNER, ownerWordOf(thread));
    const letter = String.fromCharCode(FIRST_LETTER + thread);
    this.name(record, Object.fromEntries(fields.map((field, i) => [i, `${letter}${record}.${field}`])));
    return record;
  }
}

/** How a program is listed, and how far it is explored. */
export interface Listing {
  readonly name: string;
  /** `small` is for `npm test`, and like `medium` for the hunt for mutants; the others are for `npm run check` alone. */
  readonly size?: 'small' | 'medium' | undefined;
  /** Only schedules with so many preemptions, which show what it is there for. */
  readonly bound?: number | undefined;
  /** Too large to be explored whole: as many preemptions as the number of states allows, and at least `LEAST_WITHIN`. */
  readonly large?: true | undefined;
  /** Its tasks watch their gates from the next turn on, as those of agents that spin do. */
  readonly later?: true | undefined;
}

/** A program to explore, and what to call it. */
export interface Model extends Listing {
  readonly primitive: string;
  /** Made afresh for each exploration, with real Atomics. */
  readonly make: () => Scenario<string, string>;
}

export const modelOf = (
  primitive: string,
  { name, size, bound, large, later }: Listing,
  make: Model['make'],
): Model => ({
  primitive,
  name,
  size,
  bound,
  large,
  later,
  make,
});

/** How far a scenario must get that is too large to be explored whole; most get much further, and the verdict says how far. */
export const LEAST_WITHIN = 1;

/** More than any large scenario gets to. */
const MOST_PREEMPTIONS = 20;

export function exploreModel({ make, bound, large, later }: Model, maxStates: number): Result {
  const scenario = make();
  const preemptionBound = bound ?? (large ? MOST_PREEMPTIONS : Number.POSITIVE_INFINITY);
  // All threads of a model use the same few words, so there is little to reduce.
  return withEventLoop(() => explore({ ...scenario, maxStates, preemptionBound }, { reduction: false }), later);
}

/** Retires threads that died, as soon as they have, in this order. */
export function retireDead<G extends string>({ words, index, thread }: Agent<G>, ...threads: readonly string[]): void {
  for (const name of threads) retireFrom(words, agentOf(thread.joinDead(name)), agentOf(index));
}

/** Whether the record of an agent that has come to its end says that it waits; one that it has given up is another's to free. */
export const busyRecord = (values: Readonly<Record<string, number>>, threads: readonly ThreadView[]): boolean =>
  recordsIn(values).some(
    ({ name, thread }) => threads[thread].state === 'done' && ![IDLE, DEAD].includes(values[name]),
  );

/** The words that say what records do, with the threads whose they are, by the values of a scenario, which are many states'. */
const records = new WeakMap<object, readonly { readonly name: string; readonly thread: number }[]>();

function recordsIn(
  values: Readonly<Record<string, number>>,
): readonly { readonly name: string; readonly thread: number }[] {
  const known = records.get(values);
  if (known !== undefined) return known;
  const found = Object.keys(values).flatMap((name) => {
    const record = /^([a-z])\d+\.state$/.exec(name);
    return record === null ? [] : { name, thread: record[1].charCodeAt(0) - FIRST_LETTER };
  });
  records.set(values, found);
  return found;
}

/** The same thing done several times, as phases. */
export const times = (count: number, what: () => unknown): readonly (() => unknown)[] =>
  Array.from({ length: count }, () => what);
