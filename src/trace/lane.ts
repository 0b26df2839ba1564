/**
 * Where events are recorded: a lane for each agent, in an arena that all of them know.
 *
 * ```text
 * word TRACE of the arena's header: odd while events are recorded, and different for each recording
 *
 * lane   0  descriptor
 *        1  RECORDING  the recording that its events belong to: the value of TRACE; 0 until there are any
 *        2  AGENT      the agent that writes here
 *        3  HEAD       how many events it has written; counted modulo 2³²
 *        4  LOST       how many it could not write because there was no room for the names in them
 *        5  PLACES     how many events there is room for: a power of two
 *        6  THREAD     the number of its thread + 1, if it has one
 *        7  NAME       its name when it began: the number of a text
 *        8  the events, EVENT_WORDS each; the nth to be written is at place n modulo PLACES
 *
 * event  0  time, in ms since the epoch: a 64-bit floating-point number
 *        2  kind, with TASK for a task's
 *        3  the number of the text that names its subject
 *        4  a figure: see events.ts
 *        5  the number of the text of its stack, or 0
 *        6  the agent's name then, as it may run one thread after another: the number of a text
 *        7  unused: aligns the times
 * ```
 *
 * **No event is torn, and none is counted twice.** A lane has one writer, the agent in AGENT, so its events are sequential.
 * For event n it loads TRACE, which must still name the recording, stores the words of the place, and then HEAD, n + 1. The
 * reader ends the recording first: it changes TRACE, and then loads HEAD, h. These accesses are Atomics, so they have one
 * order; accesses to the words of events need not be.
 *
 * - Event n < h is whole: its words were stored before HEAD became n + 1, which the reader has seen.
 * - The writer may be writing event h, and writes none after it: it would have to load TRACE before TRACE was changed and after
 *   HEAD had become h + 1, which the reader would have seen. So at most the place of event h − PLACES is being overwritten.
 *
 * The reader takes the events n with h − PLACES < n < h: each of them has one place in one lane, and nobody writes there any
 * more. Earlier events are lost, and because they are numbered they are counted. Last, the reader loads RECORDING: it is set
 * to 0 before a lane is used for another recording, so if it is unchanged, nothing that was read belonged to another.
 *
 * **Whose lane.** A lane is written by the agent that made it, for as long as that agent lives, in every recording that it takes
 * part in: it resets HEAD, then RECORDING. A lane whose agent has died may be taken over, by compare-and-swap of AGENT, once the
 * recording of its events is over. So an agent that has not yet noticed the end of a recording writes where nobody else does.
 *
 * An agent that dies while writing leaves HEAD as it was: its last event is missing, and no other is affected.
 */
import { allocate, codeOf, eachCell, PLAIN } from '../core/memory/cells.js';
import { LANE_CODE } from '../core/memory/codes.js';
import { TRACE } from '../core/memory/region.js';
import { identityOf, isLive } from '../core/memory/slots.js';

const RECORDING = 1;
const AGENT = 2;
const HEAD = 3;
const LOST = 4;
const PLACES = 5;
const THREAD = 6;
const NAME = 7;
const EVENTS = 8;

const TIME = 0;
const WHAT = 2;
const SUBJECT = 3;
const FIGURE = 4;
const STACK = 5;
const WHO = 6;
const EVENT_WORDS = 8;

/** An event as written. */
export interface Written {
  /** When, in ms since the epoch. */
  readonly time: number;
  readonly what: number;
  /** The number of the text that names its subject. */
  readonly subject: number;
  readonly figure: number;
  /** The number of the text of its stack, or 0. */
  readonly stack: number;
  /** The number of the text that is the agent's name. */
  readonly who: number;
}

/** The agent of a lane. */
export interface LaneOwner {
  readonly words: Int32Array;
  readonly agent: number;
}

/** The number of a running recording is odd; 0 if there has been none. */
export const recordingOf = (words: Int32Array): number => Atomics.load(words, TRACE);
const goesOn = (recording: number): boolean => (recording & 1) === 1;

/** Begins a recording, unless one is running: @returns its number */
export function beginRecording(words: Int32Array): number {
  for (;;) {
    const recording = recordingOf(words);
    if (goesOn(recording)) return recording;
    if (Atomics.compareExchange(words, TRACE, recording, recording + 1) === recording) return recording + 1;
  }
}

/** Ends a recording, unless it is over. */
export function endRecording(words: Int32Array, recording: number): void {
  Atomics.compareExchange(words, TRACE, recording, recording + 1);
}

/** How many words a lane takes. */
const laneWords = (places: number): number => EVENTS + places * EVENT_WORDS;
/** @returns how many events there must be room for so that this many are kept */
export const placesFor = (capacity: number): number => 2 ** Math.ceil(Math.log2(capacity + 1));

/**
 * Creates an agent's lane for a recording, or takes the one it has.
 *
 * @param name the number of the text that is its name
 * @returns its index, or 0 when the arena has no room
 */
export function takeLane({ words, agent }: LaneOwner, recording: number, places: number, name: number): number {
  let lane = 0;
  eachCell(words, (index) => {
    if (lane !== 0 || codeOf(words, index) !== LANE_CODE || Atomics.load(words, index + PLACES) !== places) return;
    const owner = Atomics.load(words, index + AGENT);
    const isLeft = owner !== agent && !isLive(words, owner) && Atomics.load(words, index + RECORDING) !== recording;
    if (owner === agent || (isLeft && Atomics.compareExchange(words, index + AGENT, owner, agent) === owner))
      lane = index;
  });
  if (lane === 0) {
    lane = allocate(words, { name: 'lane', code: LANE_CODE, gates: 0, role: PLAIN, words: laneWords(places) });
    if (lane === 0) return 0;
    Atomics.store(words, lane + AGENT, agent);
    Atomics.store(words, lane + PLACES, places);
  }
  // An agent that begins again during the same recording continues where it was.
  if (Atomics.load(words, lane + RECORDING) === recording) return lane;
  Atomics.store(words, lane + RECORDING, 0);
  Atomics.store(words, lane + HEAD, 0);
  Atomics.store(words, lane + LOST, 0);
  Atomics.store(words, lane + THREAD, Math.max(identityOf(words, agent)[0], 0));
  Atomics.store(words, lane + NAME, name);
  Atomics.store(words, lane + RECORDING, recording);
  return lane;
}

/** Events are aligned for 64-bit numbers, so that accessing a time is one access: @returns the arena as such numbers */
const timesIn = (words: Int32Array): Float64Array =>
  new Float64Array(words.buffer, words.byteOffset, words.length >> 1);

/** The writer of the calling agent's lane. */
export class LaneWriter {
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #lane: number;
  readonly #mask: number;
  #head: number;

  constructor(words: Int32Array, lane: number) {
    this.#words = words;
    this.#times = timesIn(words);
    this.#lane = lane;
    this.#mask = Atomics.load(words, lane + PLACES) - 1;
    this.#head = Atomics.load(words, lane + HEAD);
  }

  /**
   * Writes an event. The caller has checked that the recording is not over.
   *
   * @param time in ms since the epoch
   */
  write(time: number, what: number, subject: number, figure: number, stack: number, who: number): void {
    const words = this.#words;
    const at = this.#lane + EVENTS + (this.#head & this.#mask) * EVENT_WORDS;
    this.#times[(at + TIME) >> 1] = time;
    words[at + WHAT] = what;
    words[at + SUBJECT] = subject;
    words[at + FIGURE] = figure;
    words[at + STACK] = stack;
    words[at + WHO] = who;
    this.#head = (this.#head + 1) | 0;
    Atomics.store(words, this.#lane + HEAD, this.#head);
  }

  /** Counts an event that cannot be written. */
  lose(): void {
    Atomics.add(this.#words, this.#lane + LOST, 1);
  }
}

/** What one agent recorded. */
export interface ReadLane {
  readonly agent: number;
  /** The number of its thread, if it has one. */
  readonly thread: number | undefined;
  /** The number of the text that was its name when it began. */
  readonly name: number;
  readonly events: readonly Written[];
  /** How many of its events are missing. */
  readonly lost: number;
}

/** Reads what all agents wrote in a recording that is over. */
export function readLanes(words: Int32Array, recording: number): ReadLane[] {
  const lanes: ReadLane[] = [];
  eachCell(words, (index) => {
    if (codeOf(words, index) !== LANE_CODE || Atomics.load(words, index + RECORDING) !== recording) return;
    const lane = readLane(words, index);
    if (Atomics.load(words, index + RECORDING) === recording) lanes.push(lane);
  });
  return lanes;
}

function readLane(words: Int32Array, lane: number): ReadLane {
  const places = Atomics.load(words, lane + PLACES);
  const head = Atomics.load(words, lane + HEAD) >>> 0;
  const first = Math.max(0, head - places + 1);
  const times = timesIn(words);
  const events: Written[] = [];
  for (let n = first; n < head; n++) {
    const at = lane + EVENTS + (n % places) * EVENT_WORDS;
    const [what, subject, figure, stack, who] = words.subarray(at + WHAT, at + EVENT_WORDS);
    events.push({ time: times[(at + TIME) >> 1], what, subject, figure, stack, who });
  }
  const thread = Atomics.load(words, lane + THREAD);
  return {
    agent: Atomics.load(words, lane + AGENT),
    thread: thread > 0 ? thread - 1 : undefined,
    name: Atomics.load(words, lane + NAME),
    events,
    lost: first + Atomics.load(words, lane + LOST),
  };
}
