/** Locks by atomic read-modify-write operations, spinning and sleeping. */
import { type Algorithm, alike, alone, mutex, numbered, part, visit } from './algorithm.js';

export const locks: readonly Algorithm[] = [
  mutex({
    name: 'test-and-set',
    source: 'Anderson, The Performance of Spin Lock Alternatives for Shared-Memory Multiprocessors, 1990',
    flaw: 'tests, then sets',
    memory: { lock: 0 },
    threads: 3,
    enter(w, _, broken) {
      if (!broken) while (w.swap('lock', 1) === 1);
      else {
        w.until('lock', 0);
        w.set('lock', 1);
      }
    },
    leave: (w) => w.set('lock', 0),
  }),
  mutex({
    name: 'test-and-test-and-set',
    source: 'Rudolph and Segall, Dynamic Decentralized Cache Schemes for MIMD Parallel Processors, 1984',
    flaw: 'ignores what the second test says',
    memory: { lock: 0 },
    threads: 3,
    enter(w, _, broken) {
      do w.until('lock', 0);
      while (w.swap('lock', 1) === 1 && !broken);
    },
    leave: (w) => w.set('lock', 0),
  }),
  mutex({
    name: 'test-and-set with bounded waiting',
    source: 'Burns, Mutual Exclusion with Linear Waiting Using Binary Shared Variables, 1978',
    flaw: 'frees the lock as well as handing it on',
    memory: { lock: 0, ...numbered('waits', 3) },
    threads: 3,
    enter(w, me) {
      w.set(`waits${me}`, 1);
      while (w.get(`waits${me}`) === 1 && w.swap('lock', 1) === 1);
      w.set(`waits${me}`, 0);
    },
    leave(w, me, broken) {
      let next = (me + 1) % 3;
      while (next !== me && w.get(`waits${next}`) === 0) next = (next + 1) % 3;
      if (next !== me) w.set(`waits${next}`, 0);
      if (next === me || broken) w.set('lock', 0);
    },
  }),
  mutex({
    name: 'tickets',
    source: 'Reed and Kanodia, Synchronization with Eventcounts and Sequencers, 1979',
    flaw: 'draws a ticket by a load and a store',
    memory: { next: 0, serving: 0 },
    threads: 3,
    enter(w, _, broken) {
      const mine = broken ? w.get('next') : w.add('next', 1);
      if (broken) w.set('next', mine + 1);
      w.until('serving', mine);
    },
    leave: (w) => w.set('serving', w.get('serving') + 1),
  }),
  mutex({
    name: 'array queue lock',
    source: 'Anderson, The Performance of Spin Lock Alternatives for Shared-Memory Multiprocessors, 1990',
    flaw: 'has fewer slots than threads',
    memory: { next: 0, go0: 1, go1: 0, go2: 0 },
    threads: 3,
    enter(w, _, broken) {
      const mine = w.add('next', 1) % (broken ? 2 : 3);
      w.until(`go${mine}`, 1);
      return mine;
    },
    leave(w, _, broken, mine) {
      w.set(`go${mine}`, 0);
      w.set(`go${(mine + 1) % (broken ? 2 : 3)}`, 1);
    },
  }),
  mutex({
    name: 'Graunke and Thakkar',
    source: 'Graunke and Thakkar, Synchronization Algorithms for Shared-Memory Multiprocessors, 1990',
    flaw: 'takes every flag to have been 0 when its owner queued',
    // The tail is the flag of the last to come, and what it was then: at first flag 0, which was 1.
    memory: { tail: 1, ...numbered('flag', 2) },
    threads: 2,
    enter(w, me, broken) {
      const before = w.swap('tail', 2 * me + w.get(`flag${me}`));
      w.until(`flag${before >> 1}`, broken ? 1 : 1 - (before & 1));
    },
    leave: (w, me) => w.set(`flag${me}`, 1 - w.get(`flag${me}`)),
  }),
  mutex({
    name: 'CLH',
    source:
      'Craig, Building FIFO and Priority-Queuing Spin Locks from Atomic Swap, 1993; Magnusson, Landin and Hagersten, 1994',
    flaw: 'says that it holds the lock after it has queued',
    memory: { tail: 0, ...numbered('held', 4) },
    threads: 3,
    enter(w, me, broken) {
      if (!broken) w.set(`held${me + 1}`, 1);
      const before = w.swap('tail', me + 1);
      if (broken) w.set(`held${me + 1}`, 1);
      w.until(`held${before}`, 0);
    },
    leave: (w, me) => w.set(`held${me + 1}`, 0),
  }),
  {
    name: 'CLH, used again',
    source: 'Craig, Building FIFO and Priority-Queuing Spin Locks from Atomic Swap, 1993',
    flaw: "takes its own node again, not its predecessor's",
    scenario: (broken) => ({
      ...alone,
      memory: { tail: 0, ...numbered('held', 3) },
      threads: alike(2, (w, me, thread) => {
        let node = me + 1;
        for (let round = 0; round < 2; round++) {
          w.set(`held${node}`, 1);
          const before = w.swap('tail', node);
          w.until(`held${before}`, 0);
          visit(thread);
          w.set(`held${node}`, 0);
          if (!broken) node = before;
        }
      }),
    }),
  },
  mutex({
    name: 'MCS',
    source: 'Mellor-Crummey and Scott, Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors, 1991',
    flaw: 'goes away when it sees no successor yet',
    // A node's number is that of its thread, from 1; 0 is nobody.
    memory: { tail: 0, ...numbered('next', 3, 0, 1), ...numbered('waits', 3, 0, 1) },
    threads: 3,
    enter(w, me) {
      const node = me + 1;
      const before = w.swap('tail', node);
      if (before === 0) return;
      w.set(`waits${node}`, 1);
      w.set(`next${before}`, node);
      w.until(`waits${node}`, 0);
    },
    leave(w, me, broken) {
      const node = me + 1;
      if (w.get(`next${node}`) === 0) {
        if (w.cas('tail', node, 0) || broken) return;
        while (w.get(`next${node}`) === 0);
      }
      w.set(`waits${w.get(`next${node}`)}`, 0);
    },
  }),
  mutex({
    name: 'Hemlock',
    source: 'Dice and Kogan, Hemlock: Compact and Scalable Mutual Exclusion, 2021',
    flaw: 'does not acknowledge that it was let in',
    memory: { tail: 0, ...numbered('grant', 3, 0, 1) },
    threads: 3,
    enter(w, me, broken) {
      const before = w.swap('tail', me + 1);
      if (before === 0) return;
      w.until(`grant${before}`, 1);
      if (!broken) w.set(`grant${before}`, 0);
    },
    leave(w, me) {
      if (w.cas('tail', me + 1, 0)) return;
      w.set(`grant${me + 1}`, 1);
      w.until(`grant${me + 1}`, 0);
    },
  }),
  mutex({
    name: 'three-state futex mutex',
    source: 'Drepper, Futexes Are Tricky, 2004, second mutex',
    long: true,
    flaw: 'a thread that has slept takes the lock as if nobody else slept',
    memory: { lock: 0 },
    threads: 3,
    enter(w, _, broken) {
      if (w.cas('lock', 0, 1)) return;
      do {
        w.again();
        if (w.get('lock') === 2 || !w.cas('lock', 1, 2)) w.sleep('lock', 2);
      } while (!w.cas('lock', 0, broken ? 1 : 2));
    },
    leave(w) {
      if (w.add('lock', -1) === 1) return;
      w.set('lock', 0);
      w.wake('lock');
    },
  }),
  mutex({
    name: 'futex mutex by exchange',
    source: 'Drepper, Futexes Are Tricky, 2004, third mutex',
    flaw: 'frees the lock by a load and a store',
    memory: { lock: 0 },
    threads: 2,
    enter(w) {
      w.lock('lock');
    },
    leave(w, _, broken) {
      if (!broken) {
        w.unlock('lock');
        return;
      }
      const before = w.get('lock');
      w.set('lock', 0);
      if (before === 2) w.wake('lock');
    },
  }),
  mutex({
    name: 'benaphore',
    source: 'Schillings, Be Engineering Insights: Benaphores, 1996',
    flaw: 'looks who else is there before it counts itself out',
    memory: { count: 0, semaphore: 0 },
    threads: 3,
    enter(w) {
      if (w.add('count', 1) > 0) w.down('semaphore');
    },
    leave(w, _, broken) {
      const there = broken ? w.get('count') : w.add('count', -1);
      if (broken) w.add('count', -1);
      if (there > 1) w.up('semaphore');
    },
  }),
  {
    name: 'reentrant lock',
    source: 'Birrell, An Introduction to Programming with Threads, 1989; Java language, 1995',
    flaw: 'clears the owner after it has let the lock go',
    scenario: (broken) => ({
      ...alone,
      memory: { lock: 0, owner: 0 },
      threads: alike(2, (w, me, thread) => {
        const acquire = (): void => {
          if (w.get('owner') === me + 1) return;
          w.lock('lock');
          w.set('owner', me + 1);
        };
        acquire();
        acquire();
        visit(thread);
        if (!broken) w.set('owner', 0);
        w.unlock('lock');
        if (broken) w.set('owner', 0);
      }),
    }),
  },
  {
    name: 'counting semaphore',
    source: 'Dijkstra, Over de sequentialiteit van procesbeschrijvingen, 1962',
    flaw: 'takes a permit by a load and a store',
    scenario: (broken) => ({
      memory: { value: 2 },
      ghosts: { inside: 0 },
      threads: alike(3, (w, _, thread) => {
        if (broken) {
          let value = w.get('value');
          for (; value === 0; value = w.get('value')) w.sleep('value', 0);
          w.set('value', value - 1);
        } else w.down('value');
        visit(thread);
        w.up('value');
      }),
      invariant: ({ inside }) => inside <= 2 || `${inside} are inside`,
    }),
  },
  {
    name: 'semaphore that counts its waiters',
    source: 'glibc, the semaphores of 2.21 (bug 12674), 2014',
    flaw: 'looks for waiters before it adds the permit',
    scenario: (broken) => ({
      memory: { value: 0, waiters: 0 },
      threads: [
        part((w) => {
          w.add('waiters', 1);
          w.down('value');
          w.add('waiters', -1);
        }),
        part((w) => {
          const before = w.get('waiters');
          w.add('value', 1);
          if ((broken ? before : w.get('waiters')) > 0) w.wake('value');
        }),
      ],
    }),
  },
  {
    name: 'parker',
    source: "Lea, The java.util.concurrent Synchronizer Framework, 2004: LockSupport's permit",
    flaw: 'looks whether somebody is parked, then leaves the permit',
    // 0 empty, 1 a permit, -1 parked.
    scenario: (broken) => ({
      memory: { state: 0 },
      threads: [
        part((w) => {
          if (w.add('state', -1) === 1) return;
          do w.sleep('state', -1);
          while (!w.cas('state', 1, 0));
        }),
        part((w) => {
          const before = broken ? w.get('state') : w.swap('state', 1);
          if (broken) w.set('state', 1);
          if (before === -1) w.wake('state');
        }),
      ],
    }),
  },
];
