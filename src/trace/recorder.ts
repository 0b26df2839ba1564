/** What the calling agent records of itself: waits, as an observer, and what the probes note of the rest. */
import { SyncError } from '../core/errors.js';
import { idOf } from '../core/memory/region.js';
import { SharedObject } from '../core/share/shared-object.js';
import { now, sinceEpoch } from '../core/wait/clock.js';
import type { Deed, Observer } from '../core/wait/observer.js';
import type { Subject, Wait } from '../core/wait/wait.js';
import { channelFor } from '../host/channels.js';
import { describeCell } from '../recover/kinds.js';
import { stackHere } from '../recover/stacks.js';
import { countHold } from './counts.js';
import { ACQUIRE, ASK, EVENT_MASK, FORCED, NAMES, RELEASE, TASK, WAIT, WAITED } from './events.js';
import { type LaneOwner, LaneWriter, placesFor, recordingOf, takeLane } from './lane.js';
import { countsOf } from './statistics.js';
import { Texts } from './texts.js';

/** How to record. */
export interface RecorderOptions {
  readonly capacity: number;
  readonly stacks: boolean;
  readonly name: string;
}

const DEEDS: Readonly<Record<Deed, number>> = { acquire: ACQUIRE, release: RELEASE, drop: RELEASE | FORCED, ask: ASK };

interface Held {
  readonly words: Int32Array;
  readonly counts: number;
  readonly since: number[];
}

export class Recorder implements Observer {
  readonly #words: Int32Array;
  readonly #recording: number;
  readonly #texts: Texts;
  readonly #lane: LaneWriter;
  readonly #stacks: boolean;
  readonly #name: string;
  /** The numbers of what events are of. */
  readonly #subjects = new WeakMap<object, number>();
  /** Of what it holds: where that is counted, and since when. */
  readonly #held = new WeakMap<Subject, Held>();
  /** What `now()` is 0 at, in ms since the epoch. */
  readonly #origin = sinceEpoch() - now();
  readonly #onEnd: () => void;
  readonly #channels = NAMES.map(channelFor);

  /**
   * @param onEnd called when the recording turns out to be over
   * @throws SyncError `ERR_ARENA_FULL`
   */
  constructor(owner: LaneOwner, recording: number, { capacity, stacks, name }: RecorderOptions, onEnd: () => void) {
    const { words } = owner;
    this.#words = words;
    this.#recording = recording;
    this.#texts = new Texts(words);
    const lane = takeLane(owner, recording, placesFor(capacity), this.#texts.numberOf(name));
    if (lane === 0) {
      throw new SyncError('ERR_ARENA_FULL', `no room for ${capacity} events: make the arena larger ({ byteLength })`);
    }
    this.#lane = new LaneWriter(words, lane);
    this.#stacks = stacks;
    this.#name = name;
    this.#onEnd = onEnd;
  }

  begins(wait: Wait, isTask: boolean): void {
    this.note(WAIT | (isTask ? TASK : 0), wait.subject, 1, this.time());
  }

  ends(wait: Wait, isTask: boolean, _waited: number, got: boolean): void {
    this.note(WAITED | (isTask ? TASK : 0), wait.subject, got ? 1 : 0, this.time());
  }

  does(subject: Subject, deed: Deed): void {
    this.note(DEEDS[deed], subject, 1, this.time());
  }

  /** When it is, in ms since the epoch. */
  time(): number {
    return this.#origin + now();
  }

  /**
   * Records an event.
   *
   * @param what one of events.ts, with TASK where it is a task's
   * @param time when it was: of a release, before others could see it
   */
  note(what: number, subject: Subject, figure: number, time: number): void {
    if (recordingOf(this.#words) !== this.#recording) {
      this.#onEnd();
      return;
    }
    const number = this.#subjects.get(subject) ?? this.#learn(subject);
    if (number === 0) {
      this.#lane.lose();
      return;
    }
    const event = what & EVENT_MASK;
    const stack = this.#stacks && (event === ACQUIRE || event === WAIT) ? this.#texts.numberOf(stackHere()) : 0;
    this.#lane.write(time, what, number, figure, stack);
    if (event === ACQUIRE || event === RELEASE) this.#count(event, subject, time);
    const channel = this.#channels[event];
    if (channel?.hasSubscribers === true) {
      channel.publish({
        time,
        agent: this.#name,
        task: (what & TASK) !== 0,
        event: NAMES[event],
        primitive: describe(subject),
        forced: (what & FORCED) !== 0,
        got: event !== WAITED || figure === 1,
        count: event === WAITED ? 1 : figure,
      });
    }
  }

  /** Counts how long things are held, for `statistics`. */
  #count(event: number, subject: Subject, time: number): void {
    if (!(subject instanceof SharedObject)) return;
    let held = this.#held.get(subject);
    if (held === undefined) {
      const { member } = subject.arena;
      held = { words: member.words, counts: countsOf(member, subject.cell), since: [] };
      this.#held.set(subject, held);
    }
    const { words, counts, since } = held;
    if (event === ACQUIRE) {
      since.push(time);
      return;
    }
    const began = since.pop();
    if (began !== undefined && counts !== 0) countHold(words, counts, time - began);
  }

  #learn(subject: Subject): number {
    const number = this.#texts.numberOf(keyedName(subject));
    this.#subjects.set(subject, number);
    return number;
  }
}

const describe = (subject: Subject): string =>
  subject instanceof SharedObject ? describeCell(subject.arena.words, subject.cell) : subject.label;

/** What an event is of, and before it what tells it from others that people call the same. */
const keyedName = (subject: Subject): string =>
  `${subject instanceof SharedObject ? `${idOf(subject.arena.words).slice(0, 8)}.${subject.cell}` : ''} ${describe(subject)}`;
