// The scripts on a real server do what the explored JavaScript protocol does, and a script with a fault does not.
import { Redis } from 'ioredis';
import * as assert from 'uvu/assert';
import { ASK, RELEASE } from '#dist/distributed/scripts.js';
import { type Ask, ask, type Held, newServer, release } from '../model/lease-server.js';
import { suite } from '../support/suite.js';
import { RedisServer } from './redis-server.js';

const test = suite('scripts of leases');

const KEYS = ['meta', 'held', 'queue', 'alive'].map((part) => `n:{lock:l}:${part}`);
const CHANNELS = 'n:client:';
const LEASE = 3;
const LIMIT = 2;
const CLIENTS = ['a', 'b', 'c', 'd'];
const MODES = ['wait', 'try', 'renew'] as const;
const OPERATIONS = 25;

let server: RedisServer;
let redis: Redis;
let ears: Redis;

test.before(async () => {
  server = await RedisServer.start();
  [redis, ears] = [new Redis(server.url), new Redis(server.url)];
});
test.after(async () => {
  redis.disconnect();
  ears.disconnect();
  await server.close();
});

/** The script with a clock that the test advances, by which a lease is a few ticks. */
function withClock(script: string): string {
  const moved = script
    .replace("redis.call('TIME')", "{0, redis.call('GET', 'clock')}")
    .replace('math.floor(micros / 1000)', 'micros');
  assert.not.equal(moved, script);
  return moved;
}

/** A generator of random numbers, the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 12)) >>> 0) % below;
  };
}

/** Runs random operations on both. @returns the first difference, if any */
async function difference(
  scripts: { readonly ask: string; readonly release: string },
  seed: number,
): Promise<string | undefined> {
  await redis.flushall();
  const model = newServer(1);
  const next = random(seed);
  const published: string[] = [];
  const heard: string[] = [];
  const hear = (_: string, channel: string, message: string) => heard.push(`${channel} ${message}`);
  await ears.psubscribe(`${CHANNELS}*`);
  ears.on('pmessage', hear);
  const publish = ({ id, fence, flag }: Held) =>
    published.push(`${CHANNELS}${id.slice(0, 1)} ${id} ${fence} ${flag ? 1 : 0}`);
  try {
    for (let at = 0; at < OPERATIONS; at++) {
      const id = `${CLIENTS[next(CLIENTS.length)]}.1`;
      const what = next(10);
      // On one connection, commands are executed in the order in which they are sent.
      redis.set('clock', model.clock).catch(() => {});
      if (what < 2) {
        model.clock++;
      } else if (what < 4) {
        const real = await redis.eval(scripts.release, 4, ...KEYS, id, CHANNELS);
        const expected = release(model, id, LIMIT, publish) ? 1 : 0;
        if (real !== expected) return `${at}: release ${id}: ${real}, not ${expected}`;
      } else {
        const mode = MODES[next(MODES.length)];
        const real = await redis.eval(scripts.ask, 4, ...KEYS, id, CHANNELS, LEASE, LIMIT, mode);
        const expected = answerTo({ id, lease: LEASE, limit: LIMIT, mode });
        if (JSON.stringify(real) !== JSON.stringify(expected))
          return `${at}: ${mode} ${id}: ${JSON.stringify(real)}, not ${JSON.stringify(expected)}`;
      }
    }
    // Once this has arrived, so has everything published before.
    await redis.publish(`${CHANNELS}end`, '');
    for (let left = 500; !heard.includes(`${CHANNELS}end `) && left > 0; left--)
      await new Promise((resolve) => setTimeout(resolve, 1));
    heard.pop();
    if (heard.join() !== published.join()) return `published ${heard}, not ${published}`;
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    ears.off('pmessage', hear);
  }

  function answerTo(asked: Ask): unknown {
    const answer = ask(model, asked, publish);
    if (answer.kind === 'held') return [1, `${answer.fence} ${answer.flag ? 1 : 0}`];
    return answer.kind === 'neither' ? [-1] : [0, answer.end - model.clock, String(answer.fence)];
  }
}

const original = { ask: withClock(ASK), release: withClock(RELEASE) };

async function firstDifference(scripts: typeof original, seeds: number): Promise<string | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    const found = await difference(scripts, seed);
    if (found !== undefined) return `seed ${seed}, operation ${found}`;
  }
  return undefined;
}

test('answer and publish as the explored protocol does', async () => {
  assert.is(await firstDifference(original, 100), undefined);
});

test('after a failover fences increase given the last grant or a later clock, and repeat with neither', async () => {
  const fenceAt = async (clock: number, id: string): Promise<number> => {
    redis.set('clock', clock).catch(() => {});
    const [, granted] = (await redis.eval(original.ask, 4, ...KEYS, `${id}.1`, CHANNELS, LEASE, LIMIT, 'wait')) as [
      number,
      string,
    ];
    return Number(granted.split(' ')[0]);
  };
  await redis.flushall();
  assert.is(await fenceAt(10, 'a'), 10);
  // The promoted server has the last grant, but its clock is behind.
  assert.is(await fenceAt(5, 'b'), 11);
  // It does not have the last grant, but its clock is ahead.
  await redis.flushall();
  assert.is(await fenceAt(12, 'c'), 12);
  // It has neither, so it knows nothing of the earlier fence.
  await redis.flushall();
  assert.is(await fenceAt(10, 'd'), 10);
});

/** The text to replace, wherever it occurs, and its replacement. */
const MUTANTS: readonly (readonly [from: string, to: string])[] = [
  ["'-inf', now", "'-inf', '(' .. now"],
  ["redis.call('HINCRBY', meta, 'abandoned', 1)", ''],
  ["redis.call('HINCRBY', meta, 'abandoned', -1)", ''],
  ["'fence', fence, 'f:'", "'f:'"],
  ['math.max((tonumber(fence) or 0) + 1, micros)', 'micros'],
  ['math.max((tonumber(fence) or 0) + 1, micros)', '(tonumber(fence) or 0) + 1'],
  ["redis.call('ZRANGE', queue, 0, 0)", "redis.call('ZRANGE', queue, -1, -1)"],
  ["redis.call('PUBLISH', channels", "redis.call('PUBLISH', 'nobody' .. channels"],
  ["redis.call('ZADD', held, now + lease, id)", ''],
  ["if waits then\n    redis.call('ZADD', alive, now + lease, id)", 'if waits then'],
  ["if mode == 'try' then return {-1} end", ''],
  ["if mode == 'renew' then return {-1} end", ''],
  ["redis.call('ZADD', alive, now + lease, id)\nfor", 'for'],
  ["redis.call('HDEL', meta, 'f:' .. id)", ''],
  ['tonumber(ends) > now', 'true'],
  ['if not had then forget(id) end', ''],
  ["lapse()\n  handOver(tonumber(redis.call('HGET', meta, 'limit')) or 0)", 'lapse()'],
  ["redis.call('HINCRBY', meta, 'ticket', 1)", '0 - now'],
];

for (const [from, to] of MUTANTS) {
  test(`a fault is found: ${from.replaceAll('\n', ' ')} → ${to || 'nothing'}`, async () => {
    const mutant = { ask: original.ask.replaceAll(from, to), release: original.release.replaceAll(from, to) };
    assert.not.equal(mutant, original);
    assert.ok(await firstDifference(mutant, 100));
  });
}

test.run();
