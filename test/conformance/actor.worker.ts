// An agent of the conformance tests: performs what its actors are told to do, and shows which of them are waiting.
import { attach } from 'atomics-sync-free';
import { member } from '../support/member.js';
import { type Act, play } from './roles/index.js';
import type { Scratch } from './roles/role.js';
import type { Order, Outcome } from './stage.js';

/** setTimeout's longest delay, in ms: an agent may idle between two tests without limit. */
const FOR_EVER = 2 ** 31 - 1;

member<Scratch>(async ({ data: waits, next, tell }) => {
  const actors = new Map<number, ReadonlyMap<string, Act>>();
  let acting = 0;

  // The package calls the global Atomics only after it has left all evidence of its wait. It wakes up now and then to look
  // for dead agents, then waits again; so a wait counts as over only when the act is.
  const { wait } = Atomics;
  Atomics.wait = ((words: Int32Array, index: number, value: number, timeout?: number) => {
    Atomics.store(waits, acting, 1);
    return wait(words, index, value, timeout);
  }) as typeof Atomics.wait;

  for (;;) {
    const order = await next<Order>('order', FOR_EVER);
    if (order.order === 'end') return;
    if (order.order === 'cast') {
      const { actor, role, manner, subject, scratch } = order;
      actors.set(actor, play(role, manner, attach(subject), scratch));
      continue;
    }
    const { actor, act, args, reply } = order;
    acting = actor;
    perform(actor, actors.get(actor)?.get(act), args).then((outcome) => tell(reply, outcome));
  }

  async function perform(actor: number, act: Act | undefined, args: unknown[]): Promise<Outcome> {
    try {
      if (act === undefined) throw new Error(`actor ${actor} has no such act`);
      const result = act(...args);
      if (!(result instanceof Promise)) return { value: result };
      Atomics.store(waits, actor, 1);
      return { value: await result };
    } catch (error) {
      const { name, message, code } = error as Error & { code?: unknown };
      return { error: { name, message, code } };
    } finally {
      Atomics.store(waits, actor, 0);
    }
  }
});
