// Distributed locks: lease.mjs WHAT URL [FOLDER]. WHAT is
//   ping             a round trip to the server
//   ours             an uncontended Lock of /distributed: acquired and released
//   redis-semaphore  its Mutex; FOLDER has it in node_modules
// and `ours` or `redis-semaphore` with `, 4 processes`: that many contend for the same lock, for the ms of the question. The answer
// is then the number of sections per second, their Jain's index, and the longest wait, in ms.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { load } from '../lib/builds.mjs';
import { serve, timed } from '../lib/serve.mjs';
import { jain } from '../lib/stats.mjs';

const [, , what, url, folder] = process.argv;
const [, kind, processes] = /^(\S+?)(?:, (\d+) processes)?$/.exec(what);
const LEASE = 10_000;
/** The default interval between attempts of redis-semaphore, in ms. */
const RETRY = 10;

/** By kind, a function that acquires the lock of a name, and returns one that releases it. */
const kinds = {
  ours: async () => {
    const { connect } = await load(undefined, '/distributed');
    const cluster = await connect(url, { namespace: 'bench', lease: LEASE });
    return async (name) => {
      const held = await cluster.Lock(name).holdAsync();
      return () => held.releaseAsync();
    };
  },
  'redis-semaphore': async () => {
    const { Mutex } = createRequire(join(folder, 'package.json'))('redis-semaphore');
    const redis = new Redis(url);
    return async (name) => {
      const mutex = new Mutex(redis, name, { lockTimeout: LEASE, acquireTimeout: 60_000, retryInterval: RETRY });
      await mutex.acquire();
      return () => mutex.release();
    };
  },
};

async function contended(ms) {
  const each = Number(processes);
  const name = `contended ${performance.now()}`;
  const children = Array.from({ length: each }, () => fork(fileURLToPath(import.meta.url), [kind, url, folder ?? '']));
  const answers = async () =>
    (await Promise.all(children.map((child) => once(child, 'message')))).map(([told]) => told);
  await answers();
  for (const child of children) child.send({ name, ms });
  const told = await answers();
  for (const child of children) child.kill();
  const sections = told.map(({ waits }) => waits.length);
  return {
    perSecond: sections.reduce((a, b) => a + b, 0) / (ms / 1000),
    jain: jain(sections),
    worst: Math.max(...told.flatMap(({ waits }) => waits)),
  };
}

/** Runs as one of the processes. */
async function contend() {
  const acquire = await kinds[kind]();
  process.send('ready');
  const [{ name, ms }] = await once(process, 'message');
  const waits = [];
  const end = performance.now() + ms;
  for (let before = performance.now(); before < end; before = performance.now()) {
    const release = await acquire(name);
    waits.push(performance.now() - before);
    await release();
  }
  process.send({ waits });
}

async function pair() {
  if (kind === 'ping') {
    const redis = new Redis(url);
    return () => redis.ping();
  }
  const acquire = await kinds[kind]();
  return async () => (await acquire('uncontended'))();
}

if (process.send !== undefined) {
  process.on('disconnect', () => process.exit());
  await contend();
} else if (processes !== undefined) {
  serve(contended);
} else {
  const act = await pair();
  serve(
    timed(async (turns) => {
      for (let i = 0; i < turns; i++) await act();
    }),
  );
}
