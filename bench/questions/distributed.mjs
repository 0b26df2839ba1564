// Many machines: a lock compared with a round trip to the server and with redis-semaphore, and jobs with bare BullMQ.
import { duration, number, spread } from '../lib/format.mjs';
import { across, beside, interleave, ratio } from '../lib/interleave.mjs';
import { redisVersion, startRedis } from '../lib/redis.mjs';
import { median } from '../lib/stats.mjs';
import { atLeast, atMost } from '../lib/targets.mjs';

const OURS = 'ours';
const PING = 'ping';
const PEER = 'redis-semaphore';
const PEER_VERSION = '5.8.0';
const BARE = 'BullMQ';
const PROCESSES = 4;
/**
 * How many rounds come before those that count: four of our threads have to compile their code, against one or two for a round
 * trip or BullMQ, and in the first thousand jobs that is most of what is measured.
 */
const WARM_UP = 4;
/** How many times as many calls are made if they go in batches. */
const MORE = 50;

export default {
  name: 'distributed',
  title: 'Locks and jobs by a Redis server',

  missing: () => (redisVersion() === undefined ? 'redis-server is not installed' : undefined),

  async measure(lab) {
    lab.say(`${PEER} is fetched`);
    const folder = lab.installed(PEER, PEER_VERSION);
    const { url, stop } = await startRedis();
    const locks = (suffix = '') =>
      [OURS, ...(folder === undefined ? [] : [PEER])].map((kind) =>
        lab.js(kind, 'lease.mjs', kind + suffix, url, folder ?? ''),
      );
    try {
      lab.say('a lock that nobody else wants');
      const pairs = await interleave([lab.js(PING, 'lease.mjs', PING, url), ...locks()], {
        sets: lab.choose(1, 3),
        rounds: lab.choose(9, 15),
        warmUp: WARM_UP,
        numbers: [lab.choose(300, 400)],
        limit: 20_000,
      });
      lab.say(`a lock that ${PROCESSES} processes want`);
      const contended = await interleave(locks(`, ${PROCESSES} processes`), {
        sets: 1,
        rounds: lab.choose(3, 7),
        numbers: [lab.choose(1000, 4000)],
        limit: 30_000,
      });
      lab.say('jobs');
      const plan = { sets: lab.choose(1, 3), rounds: lab.choose(3, 5), warmUp: WARM_UP, limit: 60_000 };
      const count = lab.choose(1000, 3000);
      const jobs = await interleave(
        [
          asked(lab.js(BARE, 'jobs.mjs', BARE, url), count),
          asked(lab.js('unbatched', 'jobs.mjs', 'unbatched', url), count),
          asked(lab.js('batched', 'jobs.mjs', 'batched', url), MORE * count),
        ],
        { ...plan, numbers: [] },
      );
      return {
        server: redisVersion(),
        pairs: beside(pairs, pairs[PING]),
        contended: Object.entries(contended).map(([name, { values, state }]) => ({ name, state, ...medians(values) })),
        jobs: Object.entries(jobs).map(([name, { values, state }]) => ({
          name,
          state,
          ns: across(values),
          // How many jobs are done while BullMQ does one.
          ratio: ratio(jobs[BARE].values, values),
        })),
      };
    } finally {
      stop();
    }
  },

  tables({ server, pairs, contended, jobs }) {
    const perSecond = (ns) => number(Math.round(1e9 / ns.median));
    return [
      {
        title: `Acquired and released, uncontended (Redis ${server})`,
        keys: 1,
        head: ['', 'a pair', `÷ ${PING}`],
        rows: pairs.map(({ name, state, ns, ratio }) => [name, ns ? duration(ns.median) : state, spread(ratio)]),
      },
      {
        title: `${PROCESSES} processes want it all the time`,
        keys: 1,
        head: ['', 'sections/s', "Jain's index", 'longest wait'],
        rows: contended.map(({ name, state, perSecond, jain, worst }) =>
          perSecond === undefined
            ? [name, state, '–', '–']
            : [name, number(Math.round(perSecond)), jain.toFixed(3), duration(worst * 1e6)],
        ),
      },
      {
        title: 'Jobs of another process, 100 under way',
        keys: 1,
        head: ['', 'calls/s', `÷ ${BARE}`],
        rows: jobs.map(({ name, state, ns, ratio }) => [name, ns ? perSecond(ns) : state, spread(ratio)]),
      },
    ];
  },

  targets({ pairs, contended, jobs }) {
    const of = (list, wanted) => list.find(({ name }) => name === wanted);
    const [ours, theirs] = [of(contended, OURS), of(contended, PEER)];
    return [
      atMost(`acquire + release ÷ ${PING}`, 3.2, of(pairs, OURS).ratio?.median),
      atLeast(`Jain's index of ${PROCESSES} processes`, 0.98, ours.jain),
      atMost(`longest wait ÷ ${PEER}`, 0.4, theirs?.worst && ours.worst / theirs.worst),
      atLeast(`jobs of one call ÷ ${BARE}`, 0.9, of(jobs, 'unbatched').ratio?.median),
      atLeast(`calls in batches ÷ ${BARE}`, MORE, of(jobs, 'batched').ratio?.median),
    ];
  },
};

/** The same contender, which is always asked for its own number. */
function asked(contender, count) {
  const ask = contender.ask.bind(contender);
  contender.ask = (_, limit) => ask([count], limit);
  return contender;
}

/** @returns the medians of each figure, over the rounds that were answered */
function medians(values) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return {};
  return Object.fromEntries(Object.keys(known[0]).map((key) => [key, median(known.map((value) => value[key]))]));
}
