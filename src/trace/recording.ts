/** Begins and ends the recording of what the calling agent does with primitives. */
import { checkBoolean, checkFields, checkInteger, checkString, type Fields } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import type { Arena } from '../core/memory/arena.js';
import { checkArena } from '../core/memory/joined-arena.js';
import { observe, unobserve } from '../core/wait/observer.js';
import { beginRecording, endRecording, readLanes, recordingOf } from './lane.js';
import { putProbes } from './probes.js';
import { Recorder } from './recorder.js';
import { Trace } from './trace.js';

const DEFAULT_CAPACITY = 4000;
const MOST_EVENTS = 2 ** 22;
const LONGEST_NAME = 100;

/** Options of a recording. */
export interface TraceOptions {
  /**
   * Where the events are kept: agents that name the same arena share one timeline. The primitives may be in any arena.
   * An event takes 32 bytes, and there is room for a power of two of them: for 4,096 by default.
   */
  arena: Arena;
  /** The least number of this agent's latest events to keep, 1 … 4,194,304; 4,000 by default. */
  capacity?: number | undefined;
  /**
   * Whether to record where in the program something is acquired or waited for, which takes about 8 µs each; false by default.
   */
  stacks?: boolean | undefined;
  /**
   * The agent's name, 1 to 100 characters; by default the name of the `Thread`, `Process` or pool worker that it runs, or
   * of the worker if the host exposes it, else `main` or `thread 3`.
   */
  name?: string | undefined;
}

const FIELDS: Fields<TraceOptions> = { arena: true, capacity: true, stacks: true, name: true };

/** The recording that this agent takes part in, or took part in last. */
interface Own {
  readonly words: Int32Array;
  readonly recording: number;
  /** Stops recording in this agent. */
  readonly end: () => void;
}

let own: Own | undefined;

function checkTraceOptions({ arena, capacity, stacks, name }: TraceOptions): void {
  checkArena(arena);
  if (capacity !== undefined) checkInteger('capacity', capacity, 1, MOST_EVENTS);
  if (stacks !== undefined) checkBoolean('stacks', stacks);
  if (name === undefined) return;
  checkString('name', name);
  if (name.length < 1 || name.length > LONGEST_NAME) {
    throw new RangeError(`name must have 1 to ${LONGEST_NAME} characters, not ${name.length}`);
  }
}

/**
 * Begins to record what the calling agent and its tasks do with primitives: waits, acquisitions, releases and signals.
 * Every agent to be included must call it, with the same arena. An event costs a recording agent about 0.1 µs; agents that
 * do not record pay nothing.
 *
 * @param options where to keep the events, how many, and whether with stacks
 * @throws TypeError or RangeError when an option is invalid
 * @throws SyncError `ERR_ARENA_FULL` when the arena has no room for that many events; an earlier recording goes on
 *
 * @example
 * ```ts
 * import { Arena, Lock } from 'atomics-sync-free';
 * import { start, stop } from 'atomics-sync-free/trace';
 * const lock = new Lock({ name: 'accounts' });
 * start({ arena: new Arena({ byteLength: 2 ** 20 }), name: 'main' });
 * lock.run(() => {});
 * const { events } = stop();
 * console.log(events.map(({ event }) => event).join()); // acquire,release
 * ```
 */
export function start(options: TraceOptions): void {
  checkFields('start', options, FIELDS);
  checkTraceOptions(options);
  const { arena, capacity = DEFAULT_CAPACITY, stacks = false, name } = options;
  const { member } = arena;
  const { words } = member;
  const before = recordingOf(words);
  const recording = beginRecording(words);
  const end = (): void => {
    putBack();
    unobserve(recorder);
  };
  let recorder: Recorder;
  try {
    recorder = new Recorder(member, recording, { capacity, stacks, name }, end);
  } catch (error) {
    if (recording !== before) endRecording(words, recording);
    throw error;
  }
  // Only now, so that a call that throws leaves an earlier recording as it was.
  own?.end();
  const putBack = putProbes(recorder);
  observe(recorder);
  own = { words, recording, end };
}

/**
 * Ends the recording in all agents, and reads what they have recorded. Any agent that called {@link start} may call it,
 * even after another has.
 *
 * @returns the events of all agents on one timeline
 * @throws SyncError `ERR_NOT_STARTED` when this agent has not called `start`
 *
 * @example
 * ```ts
 * import { Arena, Event } from 'atomics-sync-free';
 * import { start, stop } from 'atomics-sync-free/trace';
 * const event = new Event({ name: 'ready' });
 * start({ arena: new Arena({ byteLength: 2 ** 20 }), name: 'main' });
 * event.wait(20);
 * const wait = stop().spans[0]!;
 * console.log(wait.kind, wait.primitive.endsWith('(ready)'), wait.end - wait.begin >= 20); // wait true true
 * ```
 */
export function stop(): Trace {
  if (own === undefined)
    throw new SyncError('ERR_NOT_STARTED', 'this agent has recorded nothing; call start({ arena }) first');
  const { words, recording, end } = own;
  end();
  endRecording(words, recording);
  return Trace.of(words, readLanes(words, recording));
}
