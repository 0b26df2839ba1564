// A program explored by the checker: checker.mjs NAME [BUILD]. BUILD is the folder of another build of the package.
// The question is a bound on the number of states; the answer, how many there were, how long it took (ms), and the verdict.
import { load } from '../lib/builds.mjs';
import { serve } from '../lib/serve.mjs';

const [, , name, build] = process.argv;

/** Takes a lock of one word: 0 free, 1 held, 2 held and somebody may sleep. */
function acquire(words, at, thread, key = '') {
  if (Atomics.compareExchange(words, at, 0, 1) === 0) return;
  for (;;) {
    thread.mark(key);
    if (Atomics.exchange(words, at, 2) === 0) return;
    Atomics.wait(words, at, 2);
  }
}

function release(words, at) {
  if (Atomics.exchange(words, at, 0) === 2) Atomics.notify(words, at, 1);
}

/** Threads that take a lock in turn, and count inside. */
const mutex = (threads, rounds) => ({
  memory: { lock: 0, count: 0 },
  ghosts: { inside: 0 },
  threads: Array(threads).fill({
    phases: ({ words, at }, thread) =>
      Array(rounds).fill(() => {
        acquire(words, at.lock, thread);
        thread.ghost.add('inside', 1);
        Atomics.add(words, at.count, 1);
        thread.ghost.add('inside', -1);
        release(words, at.lock);
      }),
  }),
  invariant: ({ inside }) => inside <= 1 || `${inside} threads hold the lock`,
  final: ({ lock, count }) => (lock === 0 && count === threads * rounds) || `lock ${lock}, count ${count}`,
});

/** Words of one label, numbered. */
const numbered = (label, count, value) =>
  Object.fromEntries(Array.from({ length: count }, (_, each) => [`${label}${each}`, value]));

/** The queue of Michael and Scott (1996). Node 0 is the dummy, -1 is none; threads take their nodes by counting. */
const queue = (producers, consumers) => {
  const put = ({ words, at }, thread) => {
    const node = Atomics.add(words, at.nodes, 1);
    for (;;) {
      thread.mark(node);
      const tail = Atomics.load(words, at.tail);
      const next = Atomics.load(words, at.next0 + tail);
      if (next !== -1) Atomics.compareExchange(words, at.tail, tail, next);
      else if (Atomics.compareExchange(words, at.next0 + tail, -1, node) === -1) {
        Atomics.compareExchange(words, at.tail, tail, node);
        return;
      }
    }
  };
  const take = ({ words, at }, thread) => {
    for (;;) {
      thread.mark();
      const head = Atomics.load(words, at.head);
      const tail = Atomics.load(words, at.tail);
      const next = Atomics.load(words, at.next0 + head);
      if (next === -1) return;
      if (head === tail) Atomics.compareExchange(words, at.tail, tail, next);
      else if (Atomics.compareExchange(words, at.head, head, next) === head) return;
    }
  };
  return {
    memory: { head: 0, tail: 0, nodes: 1, ...numbered('next', producers + 1, -1) },
    threads: [...Array(producers).fill(put), ...Array(consumers).fill(take)],
    final: (words) => words[`next${words.tail}`] === -1 || 'the tail is not the last node',
  };
};

/** Philosophers at a round table, who take the fork with the lower number first. */
const philosophers = (count) => ({
  memory: numbered('fork', count, 0),
  threads: Array.from({ length: count }, (_, me) => ({ words, at }, thread) => {
    const [first, second] = me === count - 1 ? [0, me] : [me, me + 1];
    acquire(words, at.fork0 + first, thread, 'first');
    acquire(words, at.fork0 + second, thread, 'second');
    release(words, at.fork0 + second);
    release(words, at.fork0 + first);
  }),
});

const PROGRAMS = {
  'mutex 3 × 3': () => mutex(3, 3),
  'mutex 4 × 3': () => mutex(4, 3),
  'Michael and Scott 3 + 2': () => queue(3, 2),
  'philosophers 4': () => philosophers(4),
  'philosophers 5': () => philosophers(5),
};

const { explore } = await load(build, '/check');

serve((maxStates) => {
  const began = performance.now();
  const { states, verdict, note } = explore({ ...PROGRAMS[name](), maxStates });
  return { states, verdict, note, ms: performance.now() - began };
});
