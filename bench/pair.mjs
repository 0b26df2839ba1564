// What an uncontended acquire and release cost, as a ratio to the two Atomics calls they cannot do without. Rounds of the
// contenders alternate, and medians are compared, because a shared machine drifts.
import { Lock, RLock, Semaphore } from 'atomics-sync-free';

const PAIRS = 1_000_000;
const WARM_UP = 10;
const ROUNDS = 41;

const words = new Int32Array(new SharedArrayBuffer(256));
const lock = new Lock();
const rlock = new RLock();
const semaphore = new Semaphore();

// Each contender has a loop of its own, so that the engine compiles each for itself.
const contenders = {
  'compareExchange + exchange': (n) => {
    for (let i = 0; i < n; i++) {
      Atomics.compareExchange(words, 0, 0, 32);
      Atomics.exchange(words, 0, 0);
    }
  },
  Lock: (n) => {
    for (let i = 0; i < n; i++) {
      lock.acquire();
      lock.release();
    }
  },
  RLock: (n) => {
    for (let i = 0; i < n; i++) {
      rlock.acquire();
      rlock.release();
    }
  },
  'RLock, nested': (n) => {
    rlock.acquire();
    for (let i = 0; i < n; i++) {
      rlock.acquire();
      rlock.release();
    }
    rlock.release();
  },
  'load + compareExchange, add + load': (n) => {
    Atomics.store(words, 32, 16);
    for (let i = 0; i < n; i++) {
      const word = Atomics.load(words, 32);
      Atomics.compareExchange(words, 32, word, word - 16);
      Atomics.add(words, 32, 16);
      Atomics.load(words, 33);
    }
  },
  Semaphore: (n) => {
    for (let i = 0; i < n; i++) {
      semaphore.acquire();
      semaphore.release();
    }
  },
};

const times = new Map(Object.keys(contenders).map((name) => [name, []]));
for (let round = 0; round < WARM_UP + ROUNDS; round++) {
  for (const [name, loop] of Object.entries(contenders)) {
    const start = performance.now();
    loop(PAIRS);
    if (round >= WARM_UP) times.get(name).push(performance.now() - start);
  }
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const floor = { Semaphore: 'load + compareExchange, add + load' };
const ns = new Map([...times].map(([name, values]) => [name, (median(values) / PAIRS) * 1e6]));
for (const [name, cost] of ns) {
  const of = ns.get(floor[name] ?? 'compareExchange + exchange');
  console.log(
    `${name.padEnd(36)} ${cost.toFixed(2).padStart(7)} ns a pair ${(cost / of).toFixed(3).padStart(7)} × its floor`,
  );
}
