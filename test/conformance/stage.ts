// Actors, who do what a test tells them, each in its own agent or beside others in one: the test reads as one story.
import { type Shared, share } from 'atomics-sync-free';
import { atTestEnd } from '../support/suite.js';
import { Crew, type Member, until } from '../support/workers.js';
import { type ActsOf, play, type RoleName, type SubjectOf } from './roles/index.js';
import type { Manner, Scratch } from './roles/role.js';

/** Milliseconds that one act may take. */
const LIMIT = 15_000;
const MAX_ACTORS = 64;
const SCRATCH_WORDS = 16;

/** Somebody who does what its role can do, and tells how it went. */
export type Actor<Acts> = {
  readonly [Act in keyof Acts]: Acts[Act] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
} & {
  /**
   * Whether it waits within an act now. A thread has then done what it does before it sleeps; what it waits for may
   * have come since.
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

type Perform = (act: string, args: unknown[]) => Promise<unknown>;

/** An object whose methods all perform an act. */
function actor<Acts>(perform: Perform, waits: () => boolean): Actor<Acts> {
  return new Proxy({} as Actor<Acts>, {
    get: (_, act: string) => {
      if (act === 'waits') return waits();
      // Who awaits an actor must not take it for a promise.
      if (act === 'then') return undefined;
      return (...args: unknown[]) => {
        const outcome = perform(act, args);
        // A test that fails before it comes to await this one has its own error to show.
        outcome.catch(() => {});
        return outcome;
      };
    },
  });
}

// --- agents -------------------------------------------------------------------------------------------------------

/** A worker thread with its actors. */
class WorkerAgent {
  readonly #member: Member;
  /** A word for each actor: whether it waits. */
  readonly #waits: Scratch;
  readonly #unfinished = new Map<string, string>();
  #replies = 0;

  constructor(member: Member, waits: Scratch) {
    this.#member = member;
    this.#waits = waits;
  }

  get unfinished(): string[] {
    return [...this.#unfinished.values()];
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
      (act, args) => this.#act(number, act, args),
      () => Atomics.load(this.#waits, number) === 1,
    );
  }

  async #act(number: number, act: string, args: unknown[]): Promise<unknown> {
    const reply = `reply ${this.#replies++}`;
    const name = `${act}(${args}) of actor ${number}`;
    this.#unfinished.set(reply, name);
    this.#tell({ order: 'act', actor: number, act, args, reply });
    const silence = () => `${name} has not ended within ${LIMIT} ms`;
    const outcome = await this.#member.next<Outcome>(reply, LIMIT, silence);
    this.#unfinished.delete(reply);
    if ('value' in outcome) return outcome.value;
    const { name: kind, message, code } = outcome.error;
    throw Object.assign(new Error(message), { name: kind, code });
  }

  /** Lets the agent end by itself, as a thread does whose work is done. */
  async end(): Promise<void> {
    this.#tell({ order: 'end' });
    await this.#member.result(LIMIT);
    await until(() => this.#member.ended, { ms: LIMIT, what: 'an agent whose work is done ends' });
  }

  #tell(order: Order): void {
    this.#member.tell('order', order);
  }
}

/**
 * Worker agents that outlive their test, since starting one takes longer than most tests. They end with the process,
 * which does not wait for them.
 */
class Pool {
  readonly #agents: { readonly agent: WorkerAgent; readonly crew: Crew }[] = [];

  async first(count: number): Promise<WorkerAgent[]> {
    const missing = Array.from({ length: count - this.#agents.length }, () => this.#start());
    this.#agents.push(...(await Promise.all(missing)));
    return this.#agents.slice(0, count).map(({ agent }) => agent);
  }

  async #start() {
    const waits = new Int32Array(new SharedArrayBuffer(4 * MAX_ACTORS));
    const url = new URL('./actor.worker.js', import.meta.url);
    const crew = await Crew.start(url, { workerData: waits, outlivesTest: true });
    crew.members[0].worker.unref();
    return { agent: new WorkerAgent(crew.members[0], waits), crew };
  }

  /** Ends all agents; those that are in the midst of something are terminated. */
  async dismiss(): Promise<void> {
    await Promise.all(
      this.#agents.splice(0).map(async ({ agent, crew }) => {
        if (agent.unfinished.length === 0) await agent.end();
        await crew.end();
      }),
    );
  }

  /** A test has ended: what its actors have not finished, they never will. */
  async settle(): Promise<void> {
    const unfinished = this.#agents.flatMap(({ agent }) => agent.unfinished);
    if (unfinished.length === 0) return;
    await this.dismiss();
    throw new Error(`left unfinished: ${unfinished.join(', ')}`);
  }
}

const pool = new Pool();

/** A task of the test's own agent. */
function localActor<Name extends RoleName>(
  role: Name,
  subject: SubjectOf<Name>,
  scratch: Scratch,
): Actor<ActsOf<Name>> {
  const acts = play(role, 'task', subject, scratch);
  let waiting = 0;
  const perform: Perform = async (act, args) => {
    const result = acts.get(act)?.(...args);
    if (!(result instanceof Promise)) return result;
    waiting++;
    try {
      return await result;
    } finally {
      waiting--;
    }
  };
  return actor(perform, () => waiting > 0);
}

// --- forms --------------------------------------------------------------------------------------------------------

/** What the actors of a test are: for each one its manner, and its agent: 0 is the test's own. */
type Seat = { readonly manner: Manner; readonly agent: number };

const seats = {
  threads: (i: number): Seat => ({ manner: 'thread', agent: i + 1 }),
  'tasks of one agent': (): Seat => ({ manner: 'task', agent: 0 }),
  'tasks of several agents': (i: number): Seat => ({ manner: 'task', agent: i % 3 }),
  // Every other one is a task, of the test's agent or another: 1, 0, 2, A, 3, 0, 4, A …, where A is the last.
  'threads and tasks': (i: number, count: number): Seat =>
    i % 2 === 0
      ? { manner: 'thread', agent: i / 2 + 1 }
      : { manner: 'task', agent: i % 4 === 1 ? 0 : Math.ceil(count / 2) + 1 },
};

export type Form = keyof typeof seats;
export const FORMS = Object.keys(seats) as readonly Form[];

/** What a property needs to be shown: the primitive, and those that use it. */
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
    atTestEnd(() => pool.settle());
  }

  /** Actors, each with the primitive in its hands. */
  readonly cast = async (count: number, subject: Subject): Promise<Actor<ActsOf<Name>>[]> => {
    const plan = Array.from({ length: count }, (_, i) => seats[this.form](i, count));
    const workers = await pool.first(Math.max(...plan.map(({ agent }) => agent)));
    const shared = share<unknown>(subject);
    return plan.map(({ manner, agent }) =>
      agent === 0
        ? localActor(this.#role, subject, this.scratch)
        : workers[agent - 1].cast(this.#actors++, this.#role, manner, shared, this.scratch),
    );
  };

  /** Has all agents end, save the test's own. */
  readonly dismiss = (): Promise<void> => pool.dismiss();
}
