/** Scenarios of Event. */
import { Event } from 'atomics-sync-free';
import type { Scenario } from 'atomics-sync-free/check';
import { ASYNC, BLOCKED } from '#dist/core/memory/owner.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import { Aborter } from './event-loop.js';
import { type AgentOptions, agentOf, type Model, modelOf, OUTSIDER, times, WHILE, World } from './world.js';

const GATE = 1;
const WORD = 3;
const SET = 4;
/** A word of the arena's cells that the scenario uses for itself. */
const DONE_WAITING = 8;

type Ghost = 'released';
type User = (world: World<Ghost>, event: Event) => void;

interface WaitHabits extends AgentOptions<Ghost> {
  readonly timed?: boolean;
}

const waiter =
  (rounds = 1, { timed = false, ...options }: WaitHabits = {}): User =>
  (world, event) => {
    world.uses += rounds;
    world.agent({ name: 'waiter', ...options }, (agent) => {
      const mine = agent.attach(Event, event);
      return times(rounds, () => {
        const set = mine.wait(timed ? WHILE : Number.POSITIVE_INFINITY);
        if (!set && !timed) throw new Error('a wait without end has ended');
        Atomics.add(agent.words, event.cell + DONE_WAITING, 1);
        if (set) agent.thread.ghost.add('released', 1);
      });
    });
  };

const tasks =
  (count = 1, { timed = false, aborts = false, ...options }: WaitHabits & { aborts?: boolean } = {}): User =>
  (world, event) => {
    world.uses += count;
    world.agent({ name: 'tasks', ...options }, (agent) => {
      const mine = agent.attach(Event, event);
      const done = () => {
        Atomics.add(agent.words, event.cell + DONE_WAITING, 1);
      };
      return [
        () => {
          for (let i = 0; i < count; i++) {
            const aborter = new Aborter();
            const options = {
              timeout: timed ? WHILE : Number.POSITIVE_INFINITY,
              ...(aborts ? { signal: aborter.signal } : {}),
            };
            mine.waitAsync(options).then((set) => {
              if (!set && !timed) throw new Error('a wait without end has ended');
              done();
              if (set) agent.thread.ghost.add('released', 1);
            }, done);
            if (aborts) agent.thread.later(() => aborter.abort());
          }
        },
      ];
    });
  };

/** A task that is aborted, and all that its agent had to do. */
const quitter: User = (world, event) => {
  world.uses++;
  world.agent({ name: 'quitter' }, (agent) => {
    const mine = agent.attach(Event, event);
    return [
      () => {
        const aborter = new Aborter();
        const done = () => {
          Atomics.add(agent.words, event.cell + DONE_WAITING, 1);
        };
        mine.waitAsync({ signal: aborter.signal }).then(done, done);
        agent.thread.later(() => aborter.abort());
      },
    ];
  });
};

/** Sets it at last, after having set it and taken it back a number of times. */
const setter =
  (pulses = 0, options: AgentOptions<Ghost> = {}): User =>
  (world, event) =>
    world.agent({ name: 'setter', ...options }, (agent) => {
      const mine = agent.attach(Event, event);
      const pulse = () => {
        mine.set();
        mine.clear();
      };
      return [...times(pulses, pulse), () => mine.set()];
    });

/** Sets it and takes it back at once whenever somebody is known to wait: a pulse that releases one too few is missed. */
const pulser =
  (waiters: number): User =>
  (world, event) =>
    world.agent({ name: 'pulser' }, (agent) => {
      const mine = agent.attach(Event, event);
      return [
        () => {
          while (Atomics.load(agent.words, event.cell + DONE_WAITING) < waiters) {
            if ((Atomics.load(agent.words, event.cell + WORD) & (BLOCKED | ASYNC)) !== 0) {
              mine.set();
              mine.clear();
              if (mine.isSet) throw new Error('it was cleared, and is set');
            }
            agent.thread.mark();
          }
        },
      ];
    });

/** Retires the dead; sets the event, too, if it was the setter that died. */
const reaper =
  (sets = false): User =>
  (world, event) =>
    world.other('reaper', ({ words }, own) => {
      retireFrom(words, agentOf(own.joinDead()), OUTSIDER);
      // What the dead one did not do stays undone; that it sets the bit is enough to know that it meant to wake.
      if (sets && (Atomics.load(words, event.cell + WORD) & SET) === 0) {
        Atomics.or(words, event.cell + WORD, SET);
        Atomics.add(words, event.cell + GATE, 1);
        Atomics.notify(words, event.cell + GATE);
        Atomics.add(words, event.cell + GATE + 1, 1);
        Atomics.notify(words, event.cell + GATE + 1);
      }
    });

function scenario(users: readonly User[], kills: number): Scenario<string, string> {
  const world = new World<Ghost>(users.length);
  const event = new Event({ arena: world.arena });
  world.name(event.cell, {
    [GATE]: 'threads',
    [GATE + 1]: 'tasks',
    [WORD]: 'word',
    [DONE_WAITING]: 'done',
  });
  for (const user of users) user(world, event);
  return world.scenario({
    ghosts: { released: 0 },
    kills,
    invariant: ({ released, word }) => released === 0 || word >= SET || 'one was released before it was set',
    final: ({ done }) => kills > 0 || done === world.uses || 'somebody was left waiting',
  });
}

const TIMED = { timed: true } as const;
const SAFE = { killable: false } as const;

const programs: readonly (readonly [
  name: string,
  users: readonly User[],
  more?: { kills?: number; size?: 'small' | 'medium'; large?: true },
])[] = [
  ['3 waiters, 1 setter', [waiter(), waiter(), waiter(), setter()], { size: 'small' }],
  ['2 waiters × 2, set and cleared twice', [waiter(2), waiter(2), setter(2)], { size: 'medium' }],
  ['1 waiter looks first, 1 waiter, 1 setter', [waiter(1, { looks: true }), waiter(), setter()], { size: 'small' }],
  [
    '1 waiter looks first, 1 waiter × 2, 2 setters',
    [waiter(1, { looks: true }), waiter(2), setter(1), setter(1)],
    { large: true },
  ],
  ['2 waiters, only pulses', [waiter(), waiter(), pulser(2)], { size: 'small' }],
  ['2 waiters × 2, only pulses', [waiter(2), waiter(2), pulser(4)], {}],
  ['3 waiters, only pulses', [waiter(), waiter(), waiter(), pulser(3)], {}],
  ['2 tasks of one agent, 1 waiter, only pulses', [tasks(2), waiter(), pulser(3)], { size: 'medium' }],
  ['2 timed, 1 waiter, 1 setter', [waiter(1, TIMED), waiter(1, TIMED), waiter(), setter()], { size: 'medium' }],
  ['2 tasks of two agents, 1 waiter, set, cleared and set', [tasks(), tasks(), waiter(), setter(1)], { large: true }],
  ['3 tasks, aborted or not, 1 waiter, 1 setter', [tasks(3, { aborts: true }), waiter(), setter()], {}],
  ['1 task that is aborted, never set', [quitter], { size: 'small' }],
  ['2 timed tasks, 1 waiter, set and cleared', [tasks(2, TIMED), waiter(), setter(1)], { size: 'medium' }],
  [
    '1 of 3 waiters dies',
    [waiter(), waiter(1, SAFE), waiter(1, SAFE), setter(0, SAFE), reaper()],
    { kills: 1, size: 'medium' },
  ],
  [
    'the setter dies, 2 waiters',
    [setter(), waiter(1, SAFE), waiter(1, SAFE), reaper(true)],
    { kills: 1, size: 'medium' },
  ],
  [
    'the setter dies, 2 waiters, 1 task',
    [setter(), waiter(1, SAFE), waiter(1, SAFE), tasks(1, SAFE), reaper(true)],
    { kills: 1, large: true },
  ],
  [
    '1 task dies, 2 waiters',
    [tasks(), waiter(1, SAFE), waiter(1, SAFE), setter(1, SAFE), reaper()],
    { kills: 1, large: true },
  ],
];

export const events: readonly Model[] = programs.map(([name, users, { kills = 0, ...more } = {}]) =>
  modelOf('Event', { name, ...more }, () => scenario(users, kills)),
);
