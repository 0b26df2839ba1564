/** What the calling agent records of itself: waits, as an observer, and the rest, as noted by the probes. */
import { SyncError } from '../core/errors.js';
import { ownName, thisAgent } from '../core/memory/agent-names.js';
import { idOf } from '../core/memory/region.js';
import { SharedObject } from '../core/share/shared-object.js';
import { sinceEpoch } from '../core/wait/clock.js';
import type { Deed, Observer } from '../core/wait/observer.js';
import type { Subject, Wait } from '../core/wait/wait.js';
import { channelFor } from '../host/channels.js';
import { describeCell } from '../recover/kinds.js';
import { countHold, holdsFor } from './counts.js';
import { ACQUIRE, ASK, EVENT_MASK, FORCED, NAMES, RELEASE, TASK, WAIT, WAITED } from './events.js';
import { type LaneOwner, LaneWriter, placesFor, recordingOf, takeLane } from './lane.js';
import { StackTree } from './stack-tree.js';
import { Texts } from './texts.js';

/** How to record. */
interface RecorderOptions {
  readonly capacity: number;
  readonly stacks: boolean;
  /** The agent's name; by default the one that its starter gave it. */
  readonly name: string | undefined;
}

const DEEDS: Readonly<Record<Deed, number>> = { acquire: ACQUIRE, release: RELEASE, drop: RELEASE | FORCED, ask: ASK };

/** What is known of the subject of events. */
interface Known {
  /** The number of its name, or 0 when there was no room for it. */
  readonly number: number;
  /** Where its holds are counted, if they are. */
  readonly words: Int32Array | undefined;
  readonly counts: number;
  /** When this agent's holds began, one entry for each. */
  readonly since: number[];
}

export class Recorder implements Observer {
  readonly #words: Int32Array;
  readonly #recording: number;
  readonly #texts: Texts;
  readonly #lane: LaneWriter;
  readonly #stacks: StackTree | undefined;
  /** Its name, whatever thread it runs. */
  readonly #given: string | undefined;
  /** Holds the agent's current name; `#called` is the one that `#name` was made from. */
  readonly #self = thisAgent();
  #called: string | undefined;
  #name = '';
  /** The number of that text. */
  #who = 0;
  readonly #subjects = new WeakMap<Subject, Known>();
  /** The latest one: most events have the same subject as the one before. */
  #subject: Subject | undefined;
  #known: Known = { number: 0, words: undefined, counts: 0, since: [] };
  readonly #onEnd: () => void;
  readonly #channels = NAMES.map(channelFor);
  /** True while an event is published to subscribers; what they do is recorded but not published to them. */
  #publishes = false;

  /**
   * @param onEnd called when the recording turns out to be over
   * @throws SyncError `ERR_ARENA_FULL`
   */
  constructor(owner: LaneOwner, recording: number, { capacity, stacks, name }: RecorderOptions, onEnd: () => void) {
    const { words } = owner;
    this.#words = words;
    this.#recording = recording;
    this.#texts = new Texts(words);
    this.#given = name;
    this.#nameMe();
    const lane = takeLane(owner, recording, placesFor(capacity), this.#who);
    if (lane === 0) {
      throw new SyncError('ERR_ARENA_FULL', `no room for ${capacity} events: make the arena larger ({ byteLength })`);
    }
    this.#lane = new LaneWriter(words, lane);
    this.#stacks = stacks ? new StackTree((text) => this.#texts.numberOf(text)) : undefined;
    this.#onEnd = onEnd;
  }

  begins(wait: Wait, isTask: boolean): void {
    this.note(WAIT | (isTask ? TASK : 0), wait.subject, 1);
  }

  ends(wait: Wait, isTask: boolean, _waited: number, got: boolean): void {
    this.note(WAITED | (isTask ? TASK : 0), wait.subject, got ? 1 : 0);
  }

  does(subject: Subject, deed: Deed): void {
    this.note(DEEDS[deed], subject, 1);
  }

  /**
   * Records an event.
   *
   * @param what one of the codes in events.ts, with TASK if it is a task's
   * @param time its time, in ms since the epoch: for a release, from before others could see it; by default the current one
   */
  note(what: number, subject: Subject, figure: number, time = sinceEpoch()): void {
    if (recordingOf(this.#words) !== this.#recording) {
      this.#onEnd();
      return;
    }
    if (subject !== this.#subject) {
      this.#known = this.#subjects.get(subject) ?? this.#learn(subject);
      this.#subject = subject;
    }
    if (this.#self.name !== this.#called) this.#nameMe();
    const { number } = this.#known;
    if (number === 0) {
      this.#lane.lose();
      return;
    }
    const event = what & EVENT_MASK;
    const stack = this.#stacks !== undefined && (event === ACQUIRE || event === WAIT) ? this.#stacks.here() : 0;
    if (event === ACQUIRE) this.#known.since.push(time);
    else if (event === RELEASE) this.#count(time);
    // Last, because it makes the counts visible to others too.
    this.#lane.write(time, what, number, figure, stack, this.#who);
    if (this.#channels[event]?.hasSubscribers === true && !this.#publishes) this.#publish(what, subject, figure, time);
  }

  /** Publishes an event to subscribers, but not what they do themselves meanwhile. */
  #publish(what: number, subject: Subject, figure: number, time: number): void {
    const event = what & EVENT_MASK;
    this.#publishes = true;
    try {
      this.#channels[event]?.publish({
        time,
        agent: this.#name,
        task: (what & TASK) !== 0,
        event: NAMES[event],
        primitive: describe(subject),
        forced: (what & FORCED) !== 0,
        got: event !== WAITED || figure === 1,
        count: event === WAITED ? 1 : figure,
      });
    } finally {
      this.#publishes = false;
    }
  }

  #nameMe(): void {
    this.#called = this.#self.name;
    this.#name = this.#given ?? ownName() ?? nameless();
    this.#who = this.#texts.numberOf(this.#name);
  }

  /** Counts how long something was held, for `statistics`. */
  #count(time: number): void {
    const { words, counts, since } = this.#known;
    const began = since.pop();
    if (began !== undefined && words !== undefined) countHold(words, counts, time - began);
  }

  #learn(subject: Subject): Known {
    const member = subject instanceof SharedObject ? subject.arena.member : undefined;
    const counts = member === undefined ? 0 : holdsFor(member.words, (subject as SharedObject).cell, member.agent);
    const words = counts === 0 ? undefined : member?.words;
    const known = { number: this.#texts.numberOf(keyedName(subject)), words, counts, since: [] };
    this.#subjects.set(subject, known);
    return known;
  }
}

interface Host {
  getBuiltinModule?(
    name: 'node:worker_threads',
  ): { readonly threadId?: number; readonly isMainThread?: boolean } | undefined;
}

/** The name of an agent that nobody named. */
function nameless(): string {
  const threads = (globalThis as { process?: Host }).process?.getBuiltinModule?.('node:worker_threads');
  if (threads === undefined) return 'agent';
  return threads.isMainThread === true ? 'main' : `thread ${threads.threadId}`;
}

const describe = (subject: Subject): string =>
  subject instanceof SharedObject ? describeCell(subject.arena.words, subject.cell) : subject.label;

/** The description of an event's subject, preceded by a key that distinguishes it from others with the same description. */
const keyedName = (subject: Subject): string =>
  `${subject instanceof SharedObject ? `${idOf(subject.arena.words).slice(0, 8)}.${subject.cell}` : ''} ${describe(subject)}`;
