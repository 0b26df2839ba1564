/** Queues, stacks and lists without locks or with fine ones, and how their nodes are given back. */
import { type Algorithm, alike, numbered, part, type Words } from './algorithm.js';

/** A word that counts how often an item was taken. */
const taken = (count: number): Record<string, number> => numbered('taken', count, 0, 1);
const take = (w: Words, item: number): void => void w.add(`taken${item}`, 1);

export const structures: readonly Algorithm[] = [
  {
    name: 'stack by compare-and-swap',
    source: 'Treiber, Systems Programming: Coping with Parallelism, 1986',
    flaw: 'has no count beside the top, which may have been away and come back (ABA)',
    // The top is the count of pops · 16 + the node, the nodes are 1 → 2.
    scenario: (broken) => {
      const pop = (w: Words): number => {
        for (;;) {
          const top = w.get('top');
          const node = top % 16;
          if (node === 0) return 0;
          const count = (top - node) / 16 + (broken ? 0 : 1);
          if (w.cas('top', top, count * 16 + w.get(`next${node}`))) return node;
        }
      };
      const push = (w: Words, node: number): void => {
        for (;;) {
          const top = w.get('top');
          w.set(`next${node}`, top % 16);
          if (w.cas('top', top, top - (top % 16) + node)) return;
        }
      };
      return {
        memory: { top: 1, next1: 2, next2: 0, ...taken(2) },
        threads: [
          part((w) => take(w, pop(w) || 2)),
          part((w) => {
            const first = pop(w);
            if (first === 0) return;
            const second = pop(w);
            if (second !== 0) take(w, second);
            push(w, first);
          }),
        ],
        final: ({ top, next1, taken1, taken2 }) => {
          const on2 = top % 16 === 2 || (top % 16 === 1 && next1 === 2);
          return !(on2 && taken2 > 0) || `2 was taken, and is on the stack (${taken1}, ${taken2})`;
        },
      };
    },
  },
  {
    name: 'linked queue without locks',
    source:
      'Michael and Scott, Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms, 1996',
    flaw: 'links its node by a store',
    // Node 0 is the dummy; -1 is nobody.
    scenario: (broken) => ({
      memory: { head: 0, tail: 0, ...numbered('next', 3, -1), ...taken(2) },
      threads: [
        ...alike(2, (w, me) => {
          const node = me + 1;
          for (;;) {
            const tail = w.get('tail');
            const next = w.get(`next${tail}`);
            if (next !== -1) w.cas('tail', tail, next);
            else if (broken) {
              w.set(`next${tail}`, node);
              w.set('tail', node);
              return;
            } else if (w.cas(`next${tail}`, -1, node)) {
              w.cas('tail', tail, node);
              return;
            }
          }
        }),
        part((w) => {
          const head = w.get('head');
          const next = w.get(`next${head}`);
          if (next === -1) return;
          if (head === w.get('tail')) w.cas('tail', head, next);
          w.set('head', next);
          take(w, next);
        }),
      ],
      final: ({ head, next0, next1, next2, taken1, taken2 }) => {
        let left = 0;
        for (let node = head; [next0, next1, next2][node] !== -1; node = [next0, next1, next2][node]) left++;
        return left + taken1 + taken2 === 2 || `${taken1 + taken2} were taken and ${left} are left of 2`;
      },
    }),
  },
  {
    name: 'ring for one producer and one consumer',
    source: 'Lamport, Specifying Concurrent Program Modules, 1983',
    flaw: 'says that the item is there before it is',
    scenario: (broken) => ({
      memory: { head: 0, tail: 0, ...numbered('slot', 2) },
      ghosts: { wrong: 0 },
      threads: [
        part((w) => {
          for (let item = 1; item <= 3; item++) {
            while (item - 1 - w.get('head') === 2);
            if (broken) w.set('tail', item);
            w.set(`slot${(item - 1) % 2}`, item);
            if (!broken) w.set('tail', item);
          }
        }),
        part((w, _, thread) => {
          for (let item = 1; item <= 3; item++) {
            while (w.get('tail') < item);
            if (w.get(`slot${(item - 1) % 2}`) !== item) thread.ghost.set('wrong', item);
            w.set('head', item);
          }
        }),
      ],
      final: ({ wrong }) => wrong === 0 || `item ${wrong} is another one`,
    }),
  },
  {
    name: 'ring whose slots tell',
    source: 'Giacomoni, Moseley and Vachharajani, FastForward for Efficient Pipeline Parallelism, 2008',
    flaw: 'the consumer does not empty the slot',
    scenario: (broken) => ({
      memory: numbered('slot', 2),
      ghosts: { wrong: 0 },
      threads: [
        part((w) => {
          for (let item = 1; item <= 3; item++) {
            w.until(`slot${item % 2}`, 0);
            w.set(`slot${item % 2}`, item);
          }
        }),
        part((w, _, thread) => {
          for (let item = 1; item <= 3; item++) {
            let found = 0;
            while (found === 0) found = w.get(`slot${item % 2}`);
            if (found !== item) thread.ghost.set('wrong', item);
            if (!broken) w.set(`slot${item % 2}`, 0);
          }
        }),
      ],
      final: ({ wrong }) => wrong === 0 || `item ${wrong} is another one`,
    }),
  },
  {
    name: 'bounded queue of stamped cells',
    source: 'Vyukov, Bounded MPMC Queue, 2010',
    flaw: 'stamps the cell before it writes the item',
    scenario: (broken) => ({
      memory: { head: 0, tail: 0, stamp0: 0, stamp1: 1, item0: 0, item1: 0, ...numbered('taken', 3) },
      threads: [
        ...alike(2, (w, me) => {
          for (;;) {
            const at = w.get('tail');
            if (w.get(`stamp${at % 2}`) !== at || !w.cas('tail', at, at + 1)) continue;
            if (broken) w.set(`stamp${at % 2}`, at + 1);
            w.set(`item${at % 2}`, me + 1);
            if (!broken) w.set(`stamp${at % 2}`, at + 1);
            return;
          }
        }),
        part((w) => {
          const at = w.get('head');
          if (w.get(`stamp${at % 2}`) !== at + 1 || !w.cas('head', at, at + 1)) return;
          take(w, w.get(`item${at % 2}`));
          w.set(`stamp${at % 2}`, at + 2);
        }),
      ],
      final: ({ taken0 }) => taken0 === 0 || 'an empty cell was taken for an item',
    }),
  },
  {
    name: 'linked queue of many producers',
    source: 'Vyukov, Non-Intrusive MPSC Node-Based Queue, 2010',
    flaw: 'finds its predecessor by a load and a store',
    scenario: (broken) => ({
      memory: { last: 0, ...numbered('next', 3) },
      threads: alike(2, (w, me) => {
        const before = broken ? w.get('last') : w.swap('last', me + 1);
        if (broken) w.set('last', me + 1);
        w.set(`next${before}`, me + 1);
      }),
      final: ({ next0, next1, next2 }) => {
        const second = [0, next1, next2][next0];
        return (next0 !== 0 && second !== 0) || 'an item is not linked';
      },
    }),
  },
  {
    name: 'work-stealing deque',
    source: 'Chase and Lev, Dynamic Circular Work-Stealing Deque, 2005',
    flaw: 'the owner takes the last item without asking',
    scenario: (broken) => ({
      memory: { top: 0, bottom: 2, ...taken(2) },
      threads: [
        part((w) => {
          for (let round = 0; round < 2; round++) {
            const bottom = w.get('bottom') - 1;
            w.set('bottom', bottom);
            const top = w.get('top');
            if (top < bottom) take(w, bottom + 1);
            else {
              if (top === bottom && (w.cas('top', top, top + 1) || broken)) take(w, bottom + 1);
              w.set('bottom', bottom + 1);
            }
          }
        }),
        part((w) => {
          for (let round = 0; round < 2; round++) {
            const top = w.get('top');
            if (top < w.get('bottom') && w.cas('top', top, top + 1)) take(w, top + 1);
          }
        }),
      ],
      final: ({ taken1, taken2 }) => (taken1 <= 1 && taken2 <= 1) || `taken ${taken1} and ${taken2} times`,
    }),
  },
  {
    name: 'work-stealing deque of bounded size',
    source: 'Arora, Blumofe and Plaxton, Thread Scheduling for Multiprogrammed Multiprocessors, 1998',
    flaw: 'has no tag beside the top, which begins again at 0',
    // The top with its tag: tag · 16 + top.
    scenario: (broken) => ({
      memory: { age: 0, bottom: 1, item: 1, ...taken(2) },
      threads: [
        part((w) => {
          // Takes the only item, and starts the deque afresh with another one.
          w.set('bottom', 0);
          const age = w.get('age');
          const anew = broken ? 0 : age - (age % 16) + 16;
          if (age % 16 === 0 && w.cas('age', age, anew)) take(w, 1);
          else w.set('age', anew);
          w.set('item', 2);
          w.set('bottom', 1);
        }),
        part((w) => {
          const age = w.get('age');
          if (w.get('bottom') <= age % 16) return;
          const item = w.get('item');
          if (w.cas('age', age, age + 1)) take(w, item);
        }),
      ],
      final: ({ taken1 }) => taken1 === 1 || `item 1 was taken ${taken1} times`,
    }),
  },
  {
    name: 'THE protocol',
    source: 'Frigo, Leiserson and Randall, The Implementation of the Cilk-5 Multithreaded Language, 1998',
    flaw: 'the thief looks whether there is an item before it claims it',
    scenario: (broken) => ({
      memory: { head: 0, tail: 1, lock: 0, ...taken(1) },
      threads: [
        part((w) => {
          const pop = (): boolean => {
            w.add('tail', -1);
            if (w.get('head') <= w.get('tail')) return true;
            w.add('tail', 1);
            return false;
          };
          let popped = pop();
          if (!popped) {
            w.lock('lock');
            popped = pop();
            w.unlock('lock');
          }
          if (popped) take(w, 1);
        }),
        part((w) => {
          w.lock('lock');
          let stolen = true;
          if (broken) {
            stolen = w.get('head') < w.get('tail');
            if (stolen) w.add('head', 1);
          } else {
            w.add('head', 1);
            stolen = w.get('head') <= w.get('tail');
            if (!stolen) w.add('head', -1);
          }
          w.unlock('lock');
          if (stolen) take(w, 1);
        }),
      ],
      final: ({ taken1 }) => taken1 === 1 || `the item was taken ${taken1} times`,
    }),
  },
  {
    name: 'ordered list without locks',
    source: 'Harris, A Pragmatic Implementation of Non-Blocking Linked-Lists, 2001',
    flaw: 'does not mark what it takes out',
    // A link is its node · 2, + 1 where the node it belongs to is taken out. The list is 0 → 1 → 2; 3 is to come after 1.
    scenario: (broken) => ({
      memory: { next0: 2, next1: 4, next2: 0, next3: 0 },
      threads: [
        part((w) => {
          const next = w.get('next1');
          if (!broken && !w.cas('next1', next, next + 1)) {
            const later = w.get('next1');
            w.set('next1', later + 1);
            w.cas('next0', 2, later);
          } else w.cas('next0', 2, next);
        }),
        part((w) => {
          for (;;) {
            const first = w.get('next0') >> 1;
            const before = first === 1 && w.get('next1') % 2 === 0 ? 1 : 0;
            const next = w.get(`next${before}`);
            if (next % 2 === 1) continue;
            w.set('next3', next);
            if (w.cas(`next${before}`, next, 6)) return;
          }
        }),
      ],
      final: ({ next0, next1, next2, next3 }) => {
        const seen = new Set<number>();
        for (let node = next0 >> 1; node !== 0 && !seen.has(node); node = [0, next1, next2, next3][node] >> 1) {
          seen.add(node);
        }
        return seen.has(3) || 'what was put in is not in the list';
      },
    }),
  },
  {
    name: 'lazy list',
    source: 'Heller, Herlihy, Luchangco, Moir, Scherer and Shavit, A Lazy Concurrent List-Based Set Algorithm, 2005',
    flaw: 'does not look again once it has its locks',
    // The list is 0 → 1; 2 is to come after 1, or after 0 where that is gone.
    scenario: (broken) => ({
      memory: { next0: 1, next1: 0, next2: 0, gone1: 0, ...numbered('lock', 2) },
      threads: [
        part((w) => {
          w.lock('lock0');
          w.lock('lock1');
          w.set('gone1', 1);
          w.set('next0', w.get('next1'));
          w.unlock('lock1');
          w.unlock('lock0');
        }),
        part((w) => {
          for (let put = false; !put; ) {
            const before = w.get('next0') === 1 ? 1 : 0;
            w.lock(`lock${before}`);
            put = broken || (before === 1 ? w.get('gone1') === 0 : w.get('next0') !== 1);
            if (put) {
              w.set('next2', w.get(`next${before}`));
              w.set(`next${before}`, 2);
            }
            w.unlock(`lock${before}`);
          }
        }),
      ],
      final: ({ next0, next1 }) => next0 === 2 || (next0 === 1 && next1 === 2) || 'what was put in is not in the list',
    }),
  },
  {
    name: 'list by hand over hand',
    source: 'Bayer and Schkolnick, Concurrency of Operations on B-Trees, 1977',
    flaw: 'locks the predecessor, not what it takes out',
    // The list is 0 → 1 → 2 → 3.
    scenario: (broken) => ({
      memory: { next0: 1, next1: 2, next2: 3, ...numbered('lock', 4) },
      threads: alike(2, (w, me) => {
        const wanted = me + 1;
        let before = 0;
        w.lock('lock0');
        for (let node = w.get('next0'); node !== wanted; node = w.get(`next${node}`)) {
          w.lock(`lock${node}`);
          w.unlock(`lock${before}`);
          before = node;
        }
        if (!broken) w.lock(`lock${wanted}`);
        w.set(`next${before}`, w.get(`next${wanted}`));
        if (!broken) w.unlock(`lock${wanted}`);
        w.unlock(`lock${before}`);
      }),
      final: ({ next0 }) => next0 === 3 || `${next0} is still in the list`,
    }),
  },
  {
    name: 'hazard pointers',
    source: 'Michael, Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects, 2004',
    flaw: 'does not look again once it has said what it is about to use',
    scenario: (broken) => ({
      memory: { current: 1, hazard: 0, ...numbered('freed', 2, 0, 1) },
      ghosts: { used: 0 },
      threads: [
        part((w, _, thread) => {
          let node = w.get('current');
          w.set('hazard', node);
          for (let again = w.get('current'); !broken && again !== node; again = w.get('current')) {
            node = again;
            w.set('hazard', node);
          }
          if (w.get(`freed${node}`) === 1) thread.ghost.set('used', 1);
          w.set('hazard', 0);
        }),
        part((w) => {
          const old = w.swap('current', 2);
          while (w.get('hazard') === old);
          w.set(`freed${old}`, 1);
        }),
      ],
      final: ({ used }) => used === 0 || 'what had been freed was used',
    }),
  },
  {
    name: 'grace period',
    source: 'McKenney and Slingwine, Read-Copy Update: Using Execution History to Solve Concurrency Problems, 1998',
    flaw: 'frees what is out of use for new readers at once',
    scenario: (broken) => ({
      memory: { current: 1, ...numbered('reads', 2), ...numbered('freed', 2, 0, 1) },
      ghosts: { used: 0 },
      threads: [
        ...alike(2, (w, me, thread) => {
          w.set(`reads${me}`, 1);
          const node = w.get('current');
          if (w.get(`freed${node}`) === 1) thread.ghost.set('used', 1);
          w.set(`reads${me}`, 0);
        }),
        part((w) => {
          const old = w.swap('current', 2);
          if (!broken) for (const reader of [0, 1]) w.until(`reads${reader}`, 0);
          w.set(`freed${old}`, 1);
        }),
      ],
      final: ({ used }) => used === 0 || 'what had been freed was used',
    }),
  },
  {
    name: 'weak reference',
    source: 'Valois, Lock-Free Linked Lists Using Compare-and-Swap, 1995; Rust, std::sync::Weak',
    flaw: 'looks whether the object lives, then counts itself',
    scenario: (broken) => ({
      memory: { count: 1, freed: 0 },
      ghosts: { used: 0 },
      threads: [
        part((w) => {
          if (w.add('count', -1) === 1) w.set('freed', 1);
        }),
        part((w, _, thread) => {
          for (;;) {
            const count = w.get('count');
            if (count === 0) return;
            if (broken) w.add('count', 1);
            else if (!w.cas('count', count, count + 1)) continue;
            if (w.get('freed') === 1) thread.ghost.set('used', 1);
            if (w.add('count', -1) === 1) w.set('freed', 1);
            return;
          }
        }),
      ],
      final: ({ used }) => used === 0 || 'what had been freed was used',
    }),
  },
  {
    name: 'consensus by compare-and-swap',
    source: 'Herlihy, Wait-Free Synchronization, 1991',
    flaw: 'has only loads and stores',
    scenario: (broken) => ({
      memory: { decision: 0, ...numbered('decided', 3) },
      threads: alike(3, (w, me) => {
        if (!broken) w.cas('decision', 0, me + 1);
        else if (w.get('decision') === 0) w.set('decision', me + 1);
        w.set(`decided${me}`, w.get('decision'));
      }),
      final: ({ decided0, decided1, decided2 }) =>
        (decided0 === decided1 && decided1 === decided2) || `decided ${decided0}, ${decided1}, ${decided2}`,
    }),
  },
  {
    name: 'consensus of two by test-and-set',
    source: 'Herlihy, Wait-Free Synchronization, 1991',
    flaw: 'says what it wants after it has lost or won',
    scenario: (broken) => ({
      memory: { race: 0, ...numbered('wants', 2), ...numbered('decided', 2) },
      threads: alike(2, (w, me) => {
        if (!broken) w.set(`wants${me}`, me + 1);
        const winner = w.swap('race', 1) === 0 ? me : 1 - me;
        if (broken) w.set(`wants${me}`, me + 1);
        w.set(`decided${me}`, w.get(`wants${winner}`));
      }),
      final: ({ decided0, decided1 }) => decided0 === decided1 || `decided ${decided0} and ${decided1}`,
    }),
  },
];
