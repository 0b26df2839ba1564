/**
 * The machine that runs one thread of a program by CPython's own bytecode, as far as the next place where another thread
 * may come in. Which thread that is, and which goes on, is decided outside (outcomes.ts).
 */
import { bind, needsBinding } from './binding.js';
import { BUILTINS, constructorOf } from './builtins.js';
import { after, afterCall, atEntry, atHandler, type Callee, isSpared, type Reason, type Rules } from './checks.js';
import { Flag } from './code.js';
import type { Context, Looked } from './context.js';
import { INSTRUCTIONS } from './instructions/index.js';
import { leaveHandler, leaveLoop } from './leaving.js';
import { EXCEPTIONS, errorText, isTrue, newException, objectClass, ownMethod, raised, typeName } from './objects.js';
import { setItem } from './operators.js';
import type { State } from './state.js';
import { endWait, isReady } from './sync.js';
import {
  Bound,
  BoundNative,
  Cell,
  Count,
  type Frame,
  Func,
  Generator,
  Instance,
  Iteration,
  List,
  Native,
  type Purpose,
  PyClass,
  Raised,
  Range,
  Runs,
  type Slot,
  Super,
  type Sync,
  Thread,
  Tuple,
  Unsupported,
  type Value,
  Waits,
} from './values.js';
import { isLocal } from './visibility.js';

/** So many instructions may come without a place where others could come in: a loop that ends never must not hang. */
const LONGEST_RUN = 20_000;
const NESTED_CALLS = 200;

export interface Surroundings {
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
   * Lets a thread run, which may go on, to the next place where another may come in, to where it waits, or to its end.
   *
   * @returns why another may come in there; undefined where it waits or has ended
   * @throws Unsupported with the line
   */
  run(state: State, index: number): Reason | undefined {
    this.state = state;
    this.index = index;
    const { thread } = this;
    let reason: Reason | undefined;
    if (thread.waiting !== null) reason = this.#guarded(() => this.#goOn());
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

  /** @returns the line that a thread is at */
  static lineOf(thread: Thread): number {
    const frame = thread.frames.at(-1);
    if (frame === undefined) return 0;
    return frame.code.instructions[Math.max(0, frame.next - 1)].line;
  }

  #guarded(step: () => Looked): Reason | undefined {
    try {
      const { look } = step();
      const frame = this.thread.frames.at(-1);
      const next = frame?.code.instructions[frame.next]?.name ?? '';
      return look !== undefined && isSpared(this.rules, next) ? undefined : look;
    } catch (error) {
      if (error instanceof Raised) return this.#unwind(error.value);
      if (!(error instanceof Unsupported)) throw error;
      error.line ||= Machine.lineOf(this.thread);
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
    if (callee instanceof Func) return this.#enter(callee, args, keywords, purpose, payload);
    if (callee instanceof Bound) return this.#enter(callee.func, [callee.self, ...args], keywords, purpose, payload);
    if (callee instanceof PyClass && purpose === 'missing') return this.#missing(callee, payload as Tuple);
    if (callee instanceof Native) return this.#callNative(callee, args, keywords);
    if (callee instanceof BoundNative) return this.#callNative(callee.native, [callee.self, ...args], keywords);
    if (callee instanceof PyClass) return this.#make(callee, args, keywords);
    const method = ownMethod(callee, '__call__');
    if (method !== undefined) return this.call(method, args, keywords, purpose, payload);
    throw raised('TypeError', `'${typeName(callee)}' object is not callable`);
  }

  /** A defaultdict's new value, of one of Python's own types. */
  #missing(type: PyClass, { items: [dict, key] }: Tuple): Looked {
    const make = type.builtin ? constructorOf(type) : undefined;
    const value = make?.call({ args: [], keywords: new Map(), thread: this.index, machine: this });
    if (value === undefined || value instanceof Waits || value instanceof Runs) {
      throw new Unsupported(`a defaultdict of ${type.name}`);
    }
    setItem(dict, key, value);
    return this.#over(value, { native: 'class' });
  }

  /** What was called is over: its result is on the stack. */
  #over(value: Value, callee: Callee): Looked {
    const frame = this.thread.frames[this.thread.frames.length - 1];
    frame.stack.push(value);
    return this.#looked(frame, callee);
  }

  #looked(frame: Frame, callee: Callee): Looked {
    return { look: afterCall(this.rules, frame.code.instructions[frame.next - 1].name, callee) };
  }

  #enter(
    func: Func,
    args: readonly Value[],
    keywords: ReadonlyMap<string, Value>,
    purpose: Purpose,
    payload: Slot,
  ): Looked {
    const { frames } = this.thread;
    if (frames.length >= NESTED_CALLS) throw raised('RecursionError', 'maximum recursion depth exceeded');
    const { code } = func;
    if ((code.flags & (Flag.coroutine | Flag.asyncGenerator)) !== 0) throw new Unsupported('async code');
    const frame = bind(func, args, keywords, purpose, payload);
    if ((code.flags & Flag.generator) !== 0 && needsBinding(this.rules))
      return this.#give(frame, this.#generator(frame));
    frames.push(frame);
    return { look: this.rules.freeThreaded ? 'no GIL' : atEntry(this.rules) };
  }

  #generator(frame: Frame): Generator {
    const generator = new Generator(frame);
    frame.generator = generator;
    return generator;
  }

  /** RETURN_GENERATOR: the innermost frame becomes a generator, which its call gives. */
  makeGenerator(frame: Frame): Looked {
    this.thread.frames.pop();
    return this.#give(frame, this.#generator(frame));
  }

  #callNative(native: Native, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Looked {
    const result = native.call({ args, keywords, thread: this.index, machine: this });
    if (result instanceof Waits) return this.#wait(result, native, false);
    if (!(result instanceof Runs)) return this.#over(result, { native: native.name });
    const { what, args: given, purpose, payload } = result;
    const frame = this.thread.frames[this.thread.frames.length - 1];
    switch (purpose) {
      case 'each':
        frame.collected = [];
        return this.#each(what, given[0] as Tuple, payload as Native);
      case 'close':
        return this.#close(what as Generator);
      case 'next':
      case 'collect':
        frame.collected = [];
        return this.resume(what, purpose, payload, given[0]);
      default:
        return this.call(what, given, undefined, purpose, payload);
    }
  }

  /** Calls a function with each item that is still to come, and gives all results to what asked for them. */
  #each(func: Value, items: Tuple, finish: Native): Looked {
    const frame = this.thread.frames[this.thread.frames.length - 1];
    if (func instanceof PyClass && !func.builtin)
      throw new Unsupported('a class of the program that is called for each');
    const native = func instanceof PyClass ? constructorOf(func) : func instanceof BoundNative ? func.native : func;
    while (frame.collected.length < items.items.length) {
      const item = items.items[frame.collected.length];
      if (!(native instanceof Native)) {
        return this.call(func, [item], undefined, 'each', new Tuple([func, items, finish]));
      }
      const args = func instanceof BoundNative ? [func.self, item] : [item];
      const result = native.call({ args, keywords: new Map(), thread: this.index, machine: this });
      if (result instanceof Waits || result instanceof Runs) throw new Unsupported(`${native.name} called for each`);
      frame.collected.push(result);
    }
    const results = frame.collected;
    frame.collected = [];
    return this.call(finish, [new List(results)]);
  }

  #close(generator: Generator): Looked {
    const { frame, started, running } = generator;
    if (running) throw raised('ValueError', 'generator already executing');
    if (frame === undefined || !started) {
      generator.frame = undefined;
      return this.#over(null, { native: 'close' });
    }
    frame.purpose = 'close';
    generator.running = true;
    this.thread.frames.push(frame);
    throw raised('GeneratorExit');
  }

  #make(type: PyClass, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Looked {
    if (type.builtin) {
      const make = constructorOf(type);
      if (make !== undefined) return this.#callNative(make, args, keywords);
    }
    const init = type.find('__init__');
    const isException = type.isA(EXCEPTIONS.get('BaseException') as PyClass);
    const self = isException ? newException(type, args) : new Instance(type, new Map());
    if (init instanceof Func) return this.#enter(init, [self, ...args], keywords, 'init', self);
    if (init instanceof Native) {
      init.call({ args: [self, ...args], keywords, thread: this.index, machine: this });
      return this.#over(self, { native: type.name });
    }
    if (!isException && args.length + keywords.size > 0) throw raised('TypeError', `${type.name}() takes no arguments`);
    return this.#over(self, { native: type.name });
  }

  enter(sync: Sync): Looked {
    const action = sync.kind === 'Semaphore' || sync.kind === 'BoundedSemaphore' ? 'permit' : 'acquire';
    return this.#wait(new Waits(action, sync.lock ?? sync, false), undefined, true);
  }

  /** Waits; but what is ready, and nobody else waits for, is had at once. */
  #wait({ action, sync, timed, depth, result }: Waits, native: Native | undefined, enters: boolean): Looked {
    const { thread, index } = this;
    const { threads } = this.state;
    thread.waiting = { action, sync, timed, depth, result, enters };
    const isContended = threads.some(({ waiting }, other) => other !== index && waiting?.sync === sync);
    if (action === 'sleep' || isContended || !isReady(thread.waiting, index, threads)) return { look: undefined };
    return this.#goOn(native);
  }

  /** The end of a wait. */
  #goOn(native?: Native): Looked {
    const { thread, index } = this;
    const { threads } = this.state;
    thread.touched = true;
    for (;;) {
      const waiting = thread.waiting;
      if (waiting === null) throw new Error('nothing is waited for');
      const end = endWait(waiting, index, threads);
      if ('error' in end) {
        thread.waiting = null;
        throw end.error;
      }
      if ('next' in end) {
        thread.waiting = end.next;
        if (isReady(end.next, index, threads)) continue;
        return { look: undefined };
      }
      thread.waiting = null;
      const frame = thread.frames[thread.frames.length - 1];
      const { name } = frame.code.instructions[frame.next - 1];
      if (waiting.enters) this.entered(frame, end.value);
      else frame.stack.push(end.value);
      return { look: afterCall(this.rules, name, { native: native?.name ?? waiting.action }) };
    }
  }

  entered(frame: Frame, value: Value): void {
    const { name, target } = frame.code.instructions[frame.next - 1];
    if (name === 'SETUP_WITH') frame.blocks.push({ kind: 'setup', handler: target, level: frame.stack.length });
    frame.stack.push(value);
  }

  resume(
    value: Value,
    purpose: 'iterate' | 'next' | 'collect' | 'delegate',
    payload?: Slot,
    sent: Value = null,
  ): Looked {
    if (value instanceof Iteration || value instanceof Count || value instanceof Range) throw new Error('no generator');
    if (!(value instanceof Generator)) throw raised('TypeError', `'${typeName(value)}' object is not an iterator`);
    const { frame } = value;
    if (value.running) throw raised('ValueError', 'generator already executing');
    if (frame === undefined) return this.#exhausted(purpose, payload);
    frame.purpose = purpose;
    frame.payload = payload;
    value.running = true;
    if (value.started || this.rules.version !== '3.9') frame.stack.push(sent);
    value.started = true;
    this.thread.frames.push(frame);
    return { look: this.rules.freeThreaded ? 'no GIL' : atEntry(this.rules) };
  }

  yielded(value: Value): Looked {
    const frame = this.thread.frames.pop() as Frame;
    const generator = frame.generator as Generator;
    generator.running = false;
    const caller = this.thread.frames[this.thread.frames.length - 1];
    if (frame.purpose === 'close') throw raised('RuntimeError', 'generator ignored GeneratorExit');
    if (frame.purpose === 'delegate') {
      caller.stack.push(value);
      return this.delegated();
    }
    if (frame.purpose !== 'collect') return this.#over(value, { native: frame.purpose });
    caller.collected.push(value);
    return this.resume(generator, 'collect', frame.payload);
  }

  delegated(): Looked {
    const frame = this.thread.frames[this.thread.frames.length - 1];
    if (!needsBinding(this.rules)) return this.#looked(frame, 'function');
    // The instruction itself yields, and is come back to.
    frame.next -= 1;
    return this.yielded(frame.stack.pop() as Value);
  }

  delegationOver(result: Value): Looked {
    const frame = this.thread.frames[this.thread.frames.length - 1];
    const { name, target } = frame.code.instructions[frame.next - 1];
    if (needsBinding(this.rules) || this.rules.version === '3.11') frame.stack.pop();
    frame.stack.push(result);
    if (name === 'SEND') frame.next = target;
    return this.#looked(frame, 'function');
  }

  #exhausted(purpose: Purpose, payload: Slot, result: Value = null): Looked {
    const frame = this.thread.frames[this.thread.frames.length - 1];
    if (purpose === 'iterate') {
      leaveLoop(frame, this.rules);
      return this.#looked(frame, 'function');
    }
    if (purpose === 'collect') return this.call(payload as Native, [new List(frame.collected)]);
    if (purpose === 'delegate') return this.delegationOver(result);
    if (purpose === 'close') return this.#over(null, { native: 'close' });
    if (payload === undefined) throw raised('StopIteration', ...(result === null ? [] : [result]));
    return this.#over(payload, { native: 'next' });
  }

  returned(value: Value): Looked {
    const { thread } = this;
    const frame = thread.frames.pop() as Frame;
    const caller = thread.frames.at(-1);
    if (frame.generator !== null) {
      frame.generator.frame = undefined;
      frame.generator.running = false;
    }
    if (caller === undefined) {
      this.#end();
      return { look: undefined };
    }
    if (frame.generator !== null) return this.#exhausted(frame.purpose, frame.payload, value);
    return this.#give(frame, value);
  }

  /** A frame that is no generator's has a result: what becomes of it in the frame below. */
  #give(frame: Frame, value: Value): Looked {
    const { payload } = frame;
    const caller = this.thread.frames[this.thread.frames.length - 1];
    switch (frame.purpose) {
      case 'init':
        return this.#over(payload as Value, 'class');
      case 'class':
        return this.#over(classOf(frame), { native: 'class' });
      case 'enter':
        this.entered(caller, value);
        return this.#looked(caller, 'function');
      case 'drop':
        return this.#looked(caller, 'function');
      case 'each': {
        const [func, items, finish] = (payload as Tuple).items;
        caller.collected.push(value);
        return this.#each(func, items as Tuple, finish as Native);
      }
      case 'pass':
        return this.call(payload as Native, [value]);
      case 'truth':
        return this.#over(isTrue(value) !== payload, 'function');
      case 'keep':
        if (isTrue(value)) return this.#over(payload as Value, 'function');
        // The loop asks for the next one.
        caller.next -= 1;
        return { look: undefined };
      case 'jump':
        return this.#jump(caller, isTrue(value) === payload);
      case 'missing': {
        const [dict, key] = (payload as Tuple).items;
        setItem(dict, key, value);
        return this.#over(value, 'function');
      }
      default:
        return this.#over(value, 'function');
    }
  }

  #jump(frame: Frame, jumps: boolean): Looked {
    const { name, argument, target } = frame.code.instructions[frame.next - 1];
    if (jumps) frame.next = target;
    return { look: after(this.rules, name, argument, jumps) };
  }

  #end(): void {
    this.thread.done = true;
    this.thread.object.count = 1;
  }

  /** Looks for who catches an exception. */
  #unwind(value: Instance): Reason | undefined {
    const { thread } = this;
    value.line ||= Machine.lineOf(thread);
    for (let frame = thread.frames.at(-1); frame !== undefined; frame = thread.frames.at(-1)) {
      if (this.#catch(frame, value)) {
        return this.rules.freeThreaded ? 'no GIL' : this.#spared(frame, atHandler(this.rules));
      }
      thread.frames.pop();
      if (frame.generator !== null) {
        frame.generator.frame = undefined;
        frame.generator.running = false;
      }
      if (thread.frames.length > 0 && isEndOf(frame, value)) return this.#exhausted(frame.purpose, undefined).look;
    }
    thread.raised = { text: errorText(value), line: value.line };
    this.#end();
    return undefined;
  }

  #spared(frame: Frame, reason: Reason | undefined): Reason | undefined {
    return isSpared(this.rules, frame.code.instructions[frame.next].name) ? undefined : reason;
  }

  #catch(frame: Frame, value: Instance): boolean {
    const { stack, blocks, code } = frame;
    const at = frame.next - 1;
    const entry = code.handlers.find(([from, to]) => at >= from && at < to);
    if (entry !== undefined) {
      const [, , handler, depth, lasti] = entry;
      stack.length = depth;
      if (lasti) stack.push(at);
      stack.push(value);
      frame.next = handler;
      return true;
    }
    for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
      if (block.kind === 'handler') {
        leaveHandler(this.thread, frame, block.level);
        continue;
      }
      stack.length = block.level;
      blocks.push({ kind: 'handler', handler: -1, level: block.level });
      const { handled } = this.thread;
      stack.push(null, handled, handled?.type ?? null, null, value, value.type);
      this.thread.handled = value;
      frame.next = block.handler;
      return true;
    }
    return false;
  }

  start(object: Sync, target: Value, args: readonly Value[]): void {
    const { threads } = this.state;
    if (object.owner !== -1) throw raised('RuntimeError', 'threads can only be started once');
    if (!(target instanceof Func || target instanceof Bound))
      throw new Unsupported('a thread of anything but a function');
    object.owner = threads.length;
    const thread = new Thread(object.name || `${nameOf(target)}#${threads.length}`, object);
    const [func, all] = target instanceof Bound ? [target.func, [target.self, ...args]] : [target, args];
    thread.frames.push(bind(func, all, new Map(), 'thread', undefined));
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

/** Whether an exception only says that an iterator has nothing more, or that a generator has been closed. */
function isEndOf({ purpose, generator }: Frame, { type }: Instance): boolean {
  const isA = (name: string): boolean => type.isA(EXCEPTIONS.get(name) as PyClass);
  if (purpose === 'close') return isA('GeneratorExit') || isA('StopIteration');
  return purpose === 'iterate' && generator === null && isA('StopIteration');
}

const nameOf = (target: Func | Bound): string => (target instanceof Bound ? target.func : target).code.name;

/** Makes a class of what its body has defined. */
function classOf({ names, payload }: Frame): PyClass {
  const [name, ...bases] = (payload as Tuple).items;
  const parents = bases.filter((base) => base instanceof PyClass);
  const attributes = new Map(names);
  const cell = attributes.get('__classcell__');
  attributes.delete('__classcell__');
  const special = [...attributes.keys()].find((each) =>
    ['__getattr__', '__getattribute__', '__setattr__', '__del__', '__new__'].includes(each),
  );
  if (parents.length < bases.length) throw new Unsupported('a base that is no class');
  if (special !== undefined) throw new Unsupported(`a class with ${special}`);
  const made = new PyClass(String(name), parents.length === 0 ? [objectClass] : parents, attributes);
  if (cell instanceof Cell) cell.value = made;
  return made;
}
