// Scenarios of leases on a server: clients, time, a crash, a message that is lost, and another server in its place.
//
// A script is one atomic step, so all that the server knows stands in one word: the number of a state that was met. What a
// client believes is checked against the server's state at that moment, and each script against what it may do.
import {
  type Body,
  type Memory,
  region,
  type Scenario,
  type Thread,
  type ThreadOptions,
} from 'atomics-sync-free/check';
import { type Answer, ask, type Held, type LeaseState, newServer, release } from './lease-server.js';
import { type Listing, type Model, modelOf } from './world.js';

/** All leases have this length, in ticks of the server's clock. */
const LEASE = 2;

const SERVER = 0;
/** Where the grants of each client arrive: 0, or the fence + 1. */
const MAILBOXES = 1;

/** Everything that is not a client's own, by number: equal states have equal numbers. */
interface World {
  readonly server: LeaseState;
  /** A copy of the server that lags behind; undefined where there is none. */
  readonly replica: LeaseState | undefined;
  /** The greatest fence that the resource has seen, and the number of that grant. */
  readonly resource: { readonly fence: number; readonly grant: number };
  /** For the checks: grants are numbered, a death is known or not, and what went wrong. */
  readonly grants: Readonly<Record<string, number>>;
  readonly granted: number;
  readonly untold: number;
  readonly promoted: boolean;
  readonly wrong: string;
}

class Worlds {
  readonly #all: World[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(world: World): number {
    const text = JSON.stringify(world);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#all.push(JSON.parse(text)) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  of(number: number): World {
    return this.#all[number];
  }
}

interface Program extends Listing {
  /**
   * What each client does: uses it; renews it before; tries; has it, but computes for so long that its lease may be over; or
   * gives up.
   */
  readonly clients: readonly ('user' | 'renewer' | 'trier' | 'slow' | 'quitter')[];
  readonly limit?: number;
  /** How many ticks of the clock come at any time, besides those that waiters wait for. */
  readonly ticks?: number;
  readonly kills?: number;
  readonly loses?: boolean;
  /** How another server takes the first one's place: the copy is as new as the last grant told, or its clock is so far ahead. */
  readonly failover?: { readonly waits: boolean; readonly skew: number };
  /** Whether the resource looks at fences. */
  readonly unfenced?: boolean;
}

type Step<T> = (server: LeaseState, publish: (grant: Held) => void) => T;

export function leaseScenario(program: Program): Scenario<string, string> {
  const { clients, limit = 1, ticks = 0, kills = 0, loses = false, failover, unfenced = false } = program;
  const worlds = new Worlds();
  const names = clients.map((_, index) => String.fromCharCode(65 + index));
  const first: World = {
    server: newServer(1),
    replica: failover && newServer(1 + failover.skew),
    resource: { fence: 0, grant: 0 },
    grants: {},
    granted: 0,
    untold: 0,
    promoted: false,
    wrong: '',
  };

  /**
   * Changes the world in one step.
   *
   * @param past all that the client remembers
   */
  function change({ words }: Memory, thread: Thread, past: string, how: (world: World) => World): World {
    for (;;) {
      thread.mark(past);
      const old = Atomics.load(words, SERVER);
      const next = worlds.numberOf(how(worlds.of(old)));
      if (next === old || Atomics.compareExchange(words, SERVER, old, next) === old) return worlds.of(next);
    }
  }

  /** Runs a script, and delivers what it published. */
  function run<T>(memory: Memory, thread: Thread, past: string, step: Step<T>): T {
    const id = thread.name;
    let result!: T;
    let published: Held[] = [];
    change(memory, thread, past, (world) => {
      const server = structuredClone(world.server);
      published = [];
      result = step(server, (grant) => published.push(grant));
      const asks = (result as Partial<Answer>).kind === 'waits';
      return judged(world, server, limit, asks ? id : undefined);
    });
    thread.mark(`ran ${past} ${JSON.stringify([result, published.map(({ id, fence }) => [id, fence])])}`);
    for (const { id, fence } of published) {
      if (loses && thread.choose(2) === 1) continue;
      const mailbox = MAILBOXES + names.indexOf(id);
      Atomics.store(memory.words, mailbox, fence + 1);
      Atomics.notify(memory.words, mailbox);
    }
    return result;
  }

  /** @returns until when it may be used, and its fence; nothing when it was not granted */
  function take(memory: Memory, thread: Thread, id: string, mode: 'wait' | 'try', patient: boolean) {
    const mailbox = MAILBOXES + names.indexOf(id);
    const clock = (): number => worlds.of(Atomics.load(memory.words, SERVER)).server.clock;
    for (;;) {
      const before = clock();
      const answer: Answer = run(memory, thread, `asks ${before}`, (server, publish) =>
        ask(server, { id, lease: LEASE, limit, mode }, publish),
      );
      if (answer.kind === 'neither') {
        if (mode === 'wait') throw new Error('it was to wait, and does not');
        return undefined;
      }
      if (answer.kind === 'held') return { until: before + LEASE, fence: answer.fence };
      const late = Atomics.load(memory.words, mailbox);
      const slept = late > answer.fence + 1 ? 'not-equal' : Atomics.wait(memory.words, mailbox, late, 1);
      const fence = Atomics.load(memory.words, mailbox) - 1;
      if (fence > answer.fence) return { until: before + LEASE, fence };
      if (!patient) return undefined;
      // It has slept until the lease that it was told of was over.
      if (slept === 'timed-out')
        change(memory, thread, `slept until ${answer.end}`, (world) => ({
          ...world,
          server: { ...world.server, clock: Math.max(world.server.clock, answer.end) },
        }));
    }
  }

  const client =
    (kind: Program['clients'][number], id: string): Body =>
    (memory, thread) => {
      const had = take(memory, thread, id, kind === 'trier' ? 'try' : 'wait', kind !== 'quitter');
      const giveBack = () =>
        run(memory, thread, 'gives back', (server, publish) => release(server, id, limit, publish));
      if (had === undefined) {
        if (kind === 'quitter') giveBack();
        return;
      }
      const { fence } = had;
      let { until } = had;
      if (kind === 'renewer') {
        const before = worlds.of(Atomics.load(memory.words, SERVER)).server.clock;
        const answer = run(memory, thread, `renews ${until} ${fence} ${before}`, (server, publish) =>
          ask(server, { id, lease: LEASE, limit, mode: 'renew' }, publish),
        );
        if (answer.kind === 'waits') throw new Error('it had it, and waits');
        if (answer.kind === 'neither') return;
        until = before + LEASE;
      }
      // It is told once the server still knows it, and WAIT says that the copy has it.
      if (failover?.waits) {
        const { server } = change(memory, thread, `has ${until} ${fence}`, (world) =>
          world.promoted
            ? world
            : { ...world, replica: { ...world.server, clock: world.server.clock + failover.skew } },
        );
        if (!server.held.some((each) => each.id === id && each.fence === fence)) return;
      }
      const use = (times: number) =>
        change(memory, thread, `uses ${times} ${until} ${fence}`, (world) =>
          used(world, { id, until, fence, believes: kind !== 'slow' }, unfenced),
        );
      if (use(1).server.clock >= until && kind !== 'slow') {
        // Its lease may be over: it does not use it any more.
        giveBack();
        return;
      }
      if (kind === 'slow') use(2);
      giveBack();
    };

  const time: ThreadOptions = {
    name: 'time',
    killable: false,
    run: (memory, thread) => {
      for (let left = ticks; left > 0; left--)
        change(memory, thread, `ticks ${left}`, (world) => ({
          ...world,
          server: { ...world.server, clock: world.server.clock + 1 },
        }));
    },
  };
  const promotion: ThreadOptions = {
    name: 'failover',
    killable: false,
    run: (memory, thread) => {
      change(memory, thread, 'promotes', (world) => ({
        ...world,
        server: world.replica ?? world.server,
        replica: undefined,
        untold: world.replica?.abandoned ?? 0,
        promoted: true,
      }));
      // A client that was connected connects again, and asks again.
      for (const at of names.keys()) Atomics.notify(memory.words, MAILBOXES + at);
    },
  };
  return {
    memory: region(new Int32Array(MAILBOXES + clients.length).fill(worlds.numberOf(first), 0, 1), {
      names: (index) => (index === SERVER ? 'server' : `grant${index}`),
    }),
    threads: [
      ...clients.map((kind, index): ThreadOptions => ({ name: names[index], run: client(kind, names[index]) })),
      ...(ticks > 0 ? [time] : []),
      ...(failover ? [promotion] : []),
    ],
    kills,
    invariant: (_, view) => worlds.of(view.word(SERVER)).wrong || true,
    final: (_, view) => {
      const { held, queue } = worlds.of(view.word(SERVER)).server;
      const alive = view.threads.filter(({ state }) => state === 'done').map(({ name }) => name);
      if (failover) return true;
      return (
        ![...held, ...queue].some(({ id }) => alive.includes(id)) || 'somebody who has ended still has it or waits'
      );
    },
  };
}

/** What a script may have done: the checks of exclusion, order, fences and the flag. */
function judged(old: World, server: LeaseState, limit: number, waits: string | undefined): World {
  const fresh = server.held.filter(
    ({ id }) => !old.server.held.some((each) => each.id === id && each.end > server.clock),
  );
  const lapsed = old.server.held.filter(({ end }) => end <= server.clock).length;
  let { granted, untold } = old;
  untold += lapsed;
  const grants = { ...old.grants };
  let wrong = '';
  if (server.held.length > limit) wrong = 'more requests have it than there are permits';
  for (const { id, flag } of fresh) {
    grants[id] = ++granted;
    if (flag !== untold > 0)
      wrong = `${id} ${flag ? 'is told of a death that was none' : 'is not told that one before it died'}`;
    if (flag) untold--;
  }
  const before = old.server.queue.filter(({ end }) => end > server.clock);
  const ahead = before.findIndex(({ id }) => !fresh.some((each) => each.id === id));
  if (before.some(({ id }, at) => ahead >= 0 && at > ahead && fresh.some((each) => each.id === id)))
    wrong = 'one that came later has it first';
  if (ahead >= 0 && fresh.some(({ id }) => !before.some((each) => each.id === id)))
    wrong = 'one that did not wait has it first';
  if (waits !== undefined && server.queue.find(({ id }) => id === waits)?.end !== server.clock + LEASE)
    wrong = `${waits} waits, and its lease has not begun anew`;
  if (server.queue.length > 0 && server.held.length < limit) wrong = 'it is free, and somebody waits';
  return { ...old, server, grants, granted, untold, wrong: old.wrong || wrong };
}

interface Use {
  readonly id: string;
  readonly until: number;
  readonly fence: number;
  /** Whether it looks at its own clock before. */
  readonly believes: boolean;
}

/** A client that believes that it has it writes to the resource. */
function used(world: World, { id, until, fence, believes }: Use, unfenced: boolean): World {
  const { server, resource, grants, promoted } = world;
  if (believes && server.clock >= until) return world;
  let { wrong } = world;
  if (believes && !promoted && !server.held.some((each) => each.id === id)) wrong = `${id} believes that it has it`;
  const grant = grants[id];
  if (!unfenced && fence < resource.fence) return { ...world, wrong };
  if (grant < resource.grant) wrong = `${id} has written behind one that had it later`;
  if (fence === resource.fence && grant !== resource.grant) wrong = `${id} has a fence that another one had`;
  return { ...world, resource: { fence, grant }, wrong };
}

const programs: readonly Program[] = [
  { name: '2 users', clients: ['user', 'user'], size: 'small' },
  { name: '2 users, time', clients: ['user', 'user'], ticks: 2, size: 'medium' },
  { name: '2 users, time, lost messages', clients: ['user', 'user'], ticks: 1, loses: true, size: 'small' },
  { name: '2 users, one dies', clients: ['user', 'user'], kills: 1, size: 'small' },
  { name: '3 users', clients: ['user', 'user', 'user'], size: 'medium' },
  { name: '3 users, one dies', clients: ['user', 'user', 'user'], kills: 1, size: 'medium', bound: 1 },
  { name: '3 users, lost messages', clients: ['user', 'user', 'user'], loses: true, size: 'medium', bound: 2 },
  { name: '1 trier, 1 user, time', clients: ['trier', 'user'], ticks: 1, size: 'small' },
  { name: '1 renewer, 1 user, time', clients: ['renewer', 'user'], ticks: 2, size: 'medium' },
  { name: '1 quitter, 2 users', clients: ['quitter', 'user', 'user'], size: 'medium', bound: 2 },
  { name: '1 slow, 1 user, time', clients: ['slow', 'user'], ticks: 3, size: 'medium', bound: 2 },
  {
    name: '2 permits, 3 users, one dies',
    clients: ['user', 'user', 'user'],
    limit: 2,
    kills: 1,
    size: 'medium',
    bound: 2,
  },
  {
    name: '2 users, time, lost messages, one dies',
    clients: ['user', 'user'],
    ticks: 1,
    loses: true,
    kills: 1,
    size: 'medium',
    bound: 2,
  },
  {
    name: 'failover to a copy that has the last grant, 2 users',
    clients: ['user', 'slow'],
    failover: { waits: true, skew: -1 },
    size: 'medium',
  },
  {
    name: 'failover to a copy that has the last grant, 2 users, time, lost messages, one dies',
    clients: ['user', 'slow'],
    failover: { waits: true, skew: -1 },
    ticks: 1,
    loses: true,
    kills: 1,
    size: 'medium',
    bound: 1,
  },
  {
    name: 'failover to a copy with a later clock, 2 users',
    clients: ['user', 'slow'],
    failover: { waits: false, skew: 4 },
    size: 'medium',
  },
];

/** What nobody promises, and how it goes wrong. */
export const unpromised: readonly (Program & { readonly breaks: string })[] = [
  {
    name: 'a resource that looks at no fence, and an owner that is frozen',
    clients: ['slow', 'user'],
    ticks: 3,
    unfenced: true,
    breaks: 'has written behind one that had it later',
  },
  {
    name: 'failover to a copy with neither the last grant nor a later clock',
    clients: ['user', 'slow'],
    failover: { waits: false, skew: 0 },
    breaks: 'has a fence that another one had',
  },
];

export const leases: readonly Model[] = programs.map((program) =>
  modelOf('Lease', program, () => leaseScenario(program)),
);
