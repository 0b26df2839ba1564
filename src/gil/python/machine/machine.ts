/**
 * The machine that runs one thread of a program by CPython's own bytecode, up to the next place where another thread
 * may come in. Which thread that is, and which goes on, is decided outside (outcomes.ts).
 */
import { bind, flattened, keywordsOf } from '../binding.js';
import { BUILTINS } from '../builtins.js';
import { after, isSpared, type Reason, type Rules } from '../checks.js';
import type { Context, Looked } from '../context.js';
import { INSTRUCTIONS } from '../instructions/index.js';
import { raised } from '../objects.js';
import type { State } from '../state.js';
import { PyClass, Raised, Super } from '../values/classes.js';
import { Cell, type Frame, type Purpose } from '../values/frames.js';
import type { Sync } from '../values/sync.js';
import { lineOf, Thread } from '../values/threads.js';
import { Unsupported } from '../values/unsupported.js';
import type { Slot, Value } from '../values/value.js';
import { isLocal } from '../visibility.js';
import { call } from './calls.js';
import { returned, unwind } from './ending.js';
import { delegated, delegationOver, makeGenerator, resume, yielded } from './generators.js';
import { entered, enterLock, goOn } from './waiting.js';

/** At most this many instructions may pass without a place where others could come in: an endless loop must not hang. */
const LONGEST_RUN = 20_000;

interface Surroundings {
  /** Global names that some code stores to while threads run. */
  readonly changing: ReadonlySet<string>;
  readonly print: (text: string) => void;
}

export class Machine implements Context {
  readonly rules: Rules;
  readonly builtins = BUILTINS;
  readonly #surroundings: Surroundings;
  state: State = { globals: new Map(), threads: [] };
  index = 0;

  constructor(rules: Rules, surroundings: Surroundings) {
    this.rules = rules;
    this.#surroundings = surroundings;
  }

  get thread(): Thread {
    return this.state.threads[this.index];
  }

  /**
   * Runs a thread that may go on, to the next place where another may come in, to where it waits, or to its end.
   *
   * @returns why another may come in there; undefined if it waits or has ended
   * @throws Unsupported with the line
   */
  run(state: State, index: number): Reason | undefined {
    this.state = state;
    this.index = index;
    const { thread } = this;
    let reason: Reason | undefined;
    if (thread.waiting !== null) reason = this.#guarded(() => goOn(this));
    for (let steps = 0; !thread.done && thread.waiting === null; steps++) {
      if (reason !== undefined && (thread.touched || steps >= LONGEST_RUN)) {
        thread.touched = false;
        return reason;
      }
      reason = this.#guarded(() => this.#step());
    }
    thread.touched = false;
    return undefined;
  }

  #guarded(step: () => Looked): Reason | undefined {
    try {
      const { look } = step();
      const frame = this.thread.frames.at(-1);
      const next = frame?.code.instructions[frame.next]?.name ?? '';
      return look !== undefined && isSpared(this.rules, next) ? undefined : look;
    } catch (error) {
      if (error instanceof Raised) return unwind(this, error.value);
      if (!(error instanceof Unsupported)) throw error;
      error.line ||= lineOf(this.thread);
      throw error;
    }
  }

  #step(): Looked {
    const { thread } = this;
    const frame = thread.frames[thread.frames.length - 1];
    const at = frame.next;
    const instruction = frame.code.instructions[at];
    const handler = INSTRUCTIONS[instruction.name];
    if (handler === undefined) throw new Unsupported(`the instruction ${instruction.name}, from ${frame.code.name}`);
    thread.touched ||= !isLocal(frame, instruction, this.#surroundings.changing);
    frame.next = at + 1;
    const looked = handler(this, frame, instruction);
    if (looked !== undefined) return looked;
    return { look: after(this.rules, instruction.name, instruction.argument, frame.next !== at + 1) };
  }

  call(
    callee: Value,
    args: readonly Value[],
    keywords: ReadonlyMap<string, Value> = new Map(),
    purpose: Purpose = 'call',
    payload?: Slot,
  ): Looked {
    return call(this, callee, args, keywords, purpose, payload);
  }

  returned(value: Value): Looked {
    return returned(this, value);
  }

  makeGenerator(frame: Frame): Looked {
    return makeGenerator(this, frame);
  }

  resume(
    generator: Value,
    purpose: 'iterate' | 'next' | 'collect' | 'delegate',
    payload?: Slot,
    sent: Value = null,
  ): Looked {
    return resume(this, generator, purpose, payload, sent);
  }

  yielded(value: Value): Looked {
    return yielded(this, value);
  }

  delegated(): Looked {
    return delegated(this);
  }

  delegationOver(result: Value): Looked {
    return delegationOver(this, result);
  }

  enter(lock: Sync): Looked {
    return enterLock(this, lock);
  }

  entered(frame: Frame, value: Value): void {
    entered(frame, value);
  }

  start(object: Sync): void {
    const { threads } = this.state;
    if (object.owner !== -1) throw raised('RuntimeError', 'threads can only be started once');
    const { func, args, keywords } = flattened(object.target, object.args, keywordsOf(object.keywords));
    if (func === undefined) throw new Unsupported('a thread of anything but a function of the program');
    object.owner = threads.length;
    const thread = new Thread(object.name || `${func.code.name}#${threads.length}`, object);
    thread.frames.push(bind(func, args, keywords, 'thread', undefined));
    threads.push(thread);
  }

  print(text: string): void {
    this.#surroundings.print(text);
  }

  superOf(): Super {
    const { locals, cells, code } = this.thread.frames[this.thread.frames.length - 1];
    const type = cells[code.cellPlaces.get('__class__') ?? -1]?.value;
    const self = locals[0] instanceof Cell ? locals[0].value : locals[0];
    if (!(type instanceof PyClass) || self === undefined) throw raised('RuntimeError', 'super(): no arguments');
    return new Super(type, self);
  }

  currentThread(): Sync {
    return this.thread.object;
  }
}
