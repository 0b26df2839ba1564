// Actors do what a test tells them, each in its own agent or several in one, so that the test reads as one story.
import { type Shared, share } from 'atomics-sync-free';
import { atTestEnd } from '../support/suite.js';
import { Crew, type Member, until } from '../support/workers.js';
import { type ActsOf, play, type RoleName, type SubjectOf } from './roles/index.js';
import type { Manner, Scratch } from './roles/role.js';

/** The longest that one act may take, in ms. */
const LIMIT = 15_000;
const MAX_ACTORS = 64;
const SCRATCH_WORDS = 16;

/** Performs the acts of its role, and reports how each went. */
export type Actor<Acts> = {
  readonly [Act in keyof Acts]: Acts[Act] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
} & {
  /**
   * Whether it is waiting within an act now. A thread has then done everything it does before it sleeps; what it waits
   * for may have happened since.
   */
  readonly waits: boolean;
};

/** What the test sends to an agent. */
export type Order =
  | {
      readonly order: 'cast';
      readonly actor: number;
      readonly role: RoleName;
      readonly manner: Manner;
      readonly subject: Shared<unknown>;
      readonly scratch: Scratch;
    }
  | {
      readonly order: 'act';
      readonly actor: number;
      readonly act: string;
      readonly args: unknown[];
      readonly reply: string;
    }
  | { readonly order: 'end' };

/** How an act went, on its way to the test. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly error: { readonly name: string; readonly message: string; readonly code: unknown } };

/** Performs an act; rejects if the act has not ended within LIMIT. */
type Perform = (act: string, args: unknown[], name: string) => Promise<{ value: unknown } | { error: unknown }>;

/** The acts under way, of all actors. */
const unfinished = new Set<{ readonly name: string }>();

const tooLong = (name: string): string => `${name} has not ended within ${LIMIT} ms`;

/** An object whose methods all perform an act. */
function actor<Acts>(who: string, perform: Perform, waits: () => boolean): Actor<Acts> {
  const begin = async (act: string, args: unknown[]): Promise<unknown> => {
    const begun = { name: `${act}(${args.map(String)}) of ${who}` };
    unfinished.add(begun);
    const outcome = await perform(act, args, begun.name).catch((error) => {
      if (unfinished.has(begun)) throw error;
      // Its test has failed and ended, and nobody is left to be told.
      return new Promise<never>(() => {});
    });
    unfinished.delete(begun);
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  };
  return new Proxy({} as Actor<Acts>, {
    get: (_, act: string) => {
      if (act === 'waits') return waits();
      // `await` must not take an actor for a promise.
      if (act === 'then') return undefined;
      return (...args: unknown[]) => {
        const outcome = begin(act, args);
        // A test that fails before it awaits this outcome has its own error to show.
        outcome.catch(() => {});
        return outcome;
      };
    },
  });
}

// --- agents -------------------------------------------------------------------------------------------------------

/** A worker thread with its actors. */
class WorkerAgent {
  readonly #crew: Crew;
  readonly #member: Member;
  /** A word for each actor: whether it waits. */
  readonly #waits: Scratch;
  #replies = 0;

  private constructor(crew: Crew, waits: Scratch) {
    this.#crew = crew;
    this.#member = crew.members[0];
    this.#waits = waits;
  }

  static async start(): Promise<WorkerAgent> {
    const waits = new Int32Array(new SharedArrayBuffer(4 * MAX_ACTORS));
    const url = new URL('./actor.worker.js', import.meta.url);
    const crew = await Crew.start(url, { workerData: waits, outlivesTest: true });
    crew.members[0].unref();
    return new WorkerAgent(crew, waits);
  }

  cast<Name extends RoleName>(
    number: number,
    role: Name,
    manner: Manner,
    subject: Shared<unknown>,
    scratch: Scratch,
  ): Actor<ActsOf<Name>> {
    this.#tell({ order: 'cast', actor: number, role, manner, subject, scratch });
    return actor(
      `${manner} ${number} in a worker`,
      (...how) => this.#perform(number, ...how),
      () => Atomics.load(this.#waits, number) === 1,
    );
  }

  async #perform(number: number, ...[act, args, name]: Parameters<Perform>): ReturnType<Perform> {
    const reply = `reply ${this.#replies++}`;
    this.#tell({ order: 'act', actor: number, act, args, reply });
    const outcome = await this.#member.next<Outcome>(reply, LIMIT, () => tooLong(name));
    if ('value' in outcome) return outcome;
    const { message, ...rest } = outcome.error;
    return { error: Object.assign(new Error(message), rest) };
  }

  /** Lets the agent end by itself, like a thread whose work is done. */
  async end(): Promise<void> {
    this.#tell({ order: 'end' });
    await until(() => this.#member.ended, { ms: LIMIT, what: 'an agent whose work is done ends' });
    await this.#crew.end();
  }

  /** Ends the agent, whatever it is doing. */
  async terminate(): Promise<void> {
    await this.#crew.end();
  }

  #tell(order: Order): void {
    this.#member.tell('order', order);
  }
}

/**
 * Worker agents that outlive their test, since starting one takes longer than most tests. They end with the process,
 * which does not wait for them.
 */
const pool: WorkerAgent[] = [];

async function fromPool(count: number): Promise<readonly WorkerAgent[]> {
  const missing = Array.from({ length: count - pool.length }, () => WorkerAgent.start());
  pool.push(...(await Promise.all(missing)));
  return pool;
}

/** At the end of a test: what its actors have not finished by now, they never will. */
async function checkFinished(): Promise<void> {
  const names = [...unfinished].map(({ name }) => name);
  if (names.length === 0) return;
  unfinished.clear();
  await Promise.all(pool.splice(0).map((agent) => agent.terminate()));
  throw new Error(`left unfinished: ${names.join(', ')}`);
}

/** A task of the test's own agent. */
function ownTask<Name extends RoleName>(role: Name, subject: SubjectOf<Name>, scratch: Scratch): Actor<ActsOf<Name>> {
  const acts = play(role, 'task', subject, scratch);
  let waiting = 0;
  const run = async (act: string, args: unknown[]) => {
    waiting++;
    try {
      return { value: await acts.get(act)?.(...args) };
    } catch (error) {
      return { error };
    } finally {
      waiting--;
    }
  };
  const perform: Perform = (act, args, name) => within(run(act, args), name);
  return actor('a task of the test', perform, () => waiting > 0);
}

/** The promise, rejected if it takes longer than LIMIT. */
function within<Value>(promise: Promise<Value>, name: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(tooLong(name))), LIMIT);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

// --- forms --------------------------------------------------------------------------------------------------------

/** What an actor of a test is: its manner, and its agent, where 0 is the test's own. */
type Seat = { readonly manner: Manner; readonly agent: number };

const seats = {
  threads: (i: number): Seat => ({ manner: 'thread', agent: i + 1 }),
  'tasks of one agent': (): Seat => ({ manner: 'task', agent: 0 }),
  'tasks of several agents': (i: number): Seat => ({ manner: 'task', agent: i % 3 }),
  // Every other actor is a task, of the test's agent or of the last, A: the agents are 1, 0, 2, A, 3, 0, 4, A …
  'threads and tasks': (i: number, count: number): Seat =>
    i % 2 === 0
      ? { manner: 'thread', agent: i / 2 + 1 }
      : { manner: 'task', agent: i % 4 === 1 ? 0 : Math.ceil(count / 2) + 1 },
};

export type Form = keyof typeof seats;
export const FORMS = Object.keys(seats) as readonly Form[];

/** What a property needs: the primitive, and the actors that use it. */
export class Stage<Name extends RoleName, Subject extends SubjectOf<Name>, Args extends unknown[]> {
  /** Words that the actors and the test share. */
  readonly scratch: Scratch = new Int32Array(new SharedArrayBuffer(4 * SCRATCH_WORDS));
  readonly #role: Name;
  #actors = 0;

  constructor(
    readonly form: Form,
    role: Name,
    /** Makes a new primitive. */
    readonly make: (...args: Args) => Subject,
  ) {
    this.#role = role;
    atTestEnd(checkFinished);
  }

  /** Actors, each with the primitive in its hands. */
  readonly cast = async (count: number, subject: Subject): Promise<Actor<ActsOf<Name>>[]> => {
    const plan = Array.from({ length: count }, (_, i) => seats[this.form](i, count));
    const workers = await fromPool(Math.max(...plan.map(({ agent }) => agent)));
    const shared = share<unknown>(subject);
    return plan.map(({ manner, agent }) =>
      agent === 0
        ? ownTask(this.#role, subject, this.scratch)
        : workers[agent - 1].cast(this.#actors++, this.#role, manner, shared, this.scratch),
    );
  };

  /** Lets all agents except the test's own end by themselves. */
  readonly dismiss = async (): Promise<void> => {
    await Promise.all(pool.splice(0).map((agent) => agent.end()));
  };
}
