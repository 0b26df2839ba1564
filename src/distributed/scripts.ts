/**
 * What the server does: each script is one atomic step, timed by the server's own clock. test/model/lease-server.ts is
 * the same protocol in JavaScript, explored over every interleaving; a test on a real server compares the two.
 *
 * A lock is a semaphore of one permit. Its keys share a hash tag:
 *
 * ```text
 *  key    type   what it has                                              who changes it
 *  held   zset   requests that have a permit, by the end of their lease   ask, release; any script removes lapsed ones
 *  queue  zset   requests that wait, by their ticket: first come first    ask, release
 *  alive  zset   the same requests, by the end of their lease as waiters  ask, release; any script removes lapsed ones
 *  meta   hash   fence      the highest that was granted
 *                ticket     the highest that was drawn
 *                limit      how many permits there are
 *                kept       when a new request last set the hash's expiry
 *                abandoned  how many leases lapsed and have been reported to nobody yet
 *                f:ID       what ID was granted: "fence flag"
 *                w:ID       the lease that ID asks for, in ms
 * ```
 *
 * Why that is enough:
 * - *Exclusion.* `held` never has more members than permits, and a member leaves on its release or once its lease is
 *   over by the server's clock. The client counts its lease from before the request that began it, so it ends earlier
 *   there.
 * - *Fences increase*: each is the maximum of the last one + 1 and the server's µs, so even a server that has lost the
 *   last one, by a restart without persistence or as a promoted replica, goes beyond it as long as its clock does.
 * - *First come first served*: a permit that becomes free goes to the head of the queue in the script that frees it,
 *   and a new request gets one at once only when nobody waits. A waiter has a lease, too, so that a dead one is passed
 *   over.
 * - *Asking twice is asking once*: a request that has a permit or waits keeps it. So it may be sent again after a lost
 *   answer, and a waiter that missed the message of its grant finds it by asking.
 * - *The next holder learns of a death*: lapsed leases are counted, and each grant takes one from the count as its
 *   flag.
 * - *A full server still renews and releases*: the scripts' first write removes something, which `noeviction` allows,
 *   and after its first write a script is no longer refused.
 */

const DAY = 24 * 60 * 60 * 1000;
/** How long an unused lock is remembered, in ms; a lease is at most a day. New requests set the expiry at most once a day, because it costs. */
const REMEMBERED = 7 * DAY;

/** What all lease scripts begin with. ARGV[1] is the request, ARGV[2] the prefix of the clients' channels. */
const BEGIN = `
local meta, held, queue, alive = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, channels = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)
`;

const GRANT = `
local function grant(to, lease, fence, abandoned)
  fence = string.format('%.0f', math.max((tonumber(fence) or 0) + 1, micros))
  local granted = fence .. ' 0'
  if abandoned and tonumber(abandoned) > 0 then
    granted = fence .. ' 1'
    redis.call('HINCRBY', meta, 'abandoned', -1)
  end
  redis.call('ZADD', held, now + lease, to)
  redis.call('PEXPIRE', held, '${REMEMBERED}')
  redis.call('HSET', meta, 'fence', fence, 'f:' .. to, granted)
  return granted
end
`;

/** What there is to do when there are holders or waiters. */
const OTHERS = `
local function forget(waiter)
  redis.call('ZREM', queue, waiter)
  redis.call('ZREM', alive, waiter)
  redis.call('HDEL', meta, 'w:' .. waiter)
end

local function lapse()
  for _, lost in ipairs(redis.call('ZRANGEBYSCORE', held, '-inf', now)) do
    redis.call('ZREM', held, lost)
    redis.call('HDEL', meta, 'f:' .. lost)
    redis.call('HINCRBY', meta, 'abandoned', 1)
  end
  for _, lost in ipairs(redis.call('ZRANGEBYSCORE', alive, '-inf', now)) do forget(lost) end
end

local function handOver(limit)
  for _ = redis.call('ZCARD', held) + 1, limit do
    local head = redis.call('ZRANGE', queue, 0, 0)[1]
    if not head then return end
    local known = redis.call('HMGET', meta, 'fence', 'abandoned', 'w:' .. head)
    forget(head)
    local granted = grant(head, known[3], known[1], known[2])
    redis.call('PUBLISH', channels .. string.match(head, '^[^.]+'), head .. ' ' .. granted)
  end
end
`;

/**
 * Asks for a permit, asks again, or renews the existing one. ARGV: request, channels, lease in ms, permits, and what to
 * do when the request is unknown and no permit is free: `wait`, `try` (leave it) or `renew` (leave it even if one is
 * free).
 *
 * @returns `[1, 'fence flag']` when it has a permit, whose lease starts afresh; `[0, ms, 'fence']` when it waits, with
 *   the time until the next lease ends and the highest fence (a message with a lower one reports a grant that has
 *   lapsed); `[-1]` when it does neither; `[-2, permits]` when it is in use with a different
 *   number of permits
 */
export const ASK = `${BEGIN}${GRANT}
local lease, limit, mode = tonumber(ARGV[3]), ARGV[4], ARGV[5]
local count = 0
if redis.call('EXISTS', held, queue) > 0 then
  ${OTHERS}
  lapse()
  if redis.call('ZREM', held, id) == 1 then
    redis.call('ZADD', held, now + lease, id)
    for _, key in ipairs({held, meta}) do redis.call('PEXPIRE', key, '${REMEMBERED}') end
    return {1, redis.call('HGET', meta, 'f:' .. id)}
  end
  local waits = redis.call('ZREM', alive, id) == 1
  if waits then
    redis.call('ZADD', alive, now + lease, id)
    for _, key in ipairs({queue, alive, meta}) do redis.call('PEXPIRE', key, '${REMEMBERED}') end
  end
  handOver(tonumber(redis.call('HGET', meta, 'limit')))
  local granted = redis.call('HGET', meta, 'f:' .. id)
  if granted then return {1, granted} end
  if waits then
    local first = redis.call('ZRANGE', held, 0, 0, 'WITHSCORES')
    return {0, first[2] - now, redis.call('HGET', meta, 'fence')}
  end
  count = redis.call('ZCARD', held)
end
if mode == 'renew' then return {-1} end
local known = redis.call('HMGET', meta, 'fence', 'abandoned', 'limit', 'kept')
if known[3] ~= limit then
  if count > 0 then return {-2, tonumber(known[3])} end
  redis.call('HSET', meta, 'limit', limit)
end
if not known[4] or now > known[4] + ${DAY} then
  redis.call('HSET', meta, 'kept', now)
  redis.call('PEXPIRE', meta, '${REMEMBERED}')
end
if count < tonumber(limit) then return {1, grant(id, lease, known[1], known[2])} end
if mode == 'try' then return {-1} end
redis.call('ZADD', queue, redis.call('HINCRBY', meta, 'ticket', 1), id)
redis.call('ZADD', alive, now + lease, id)
for _, key in ipairs({queue, alive}) do redis.call('PEXPIRE', key, '${REMEMBERED}') end
redis.call('HSET', meta, 'w:' .. id, lease)
return {0, redis.call('ZRANGE', held, 0, 0, 'WITHSCORES')[2] - now, known[1]}
`;

/**
 * Gives a permit back, or gives up waiting. ARGV: request, channels.
 *
 * @returns 1 when it had a permit until now; 0 when it had none, or no longer
 */
export const RELEASE = `${BEGIN}
local ends = redis.call('ZSCORE', held, id)
local had = ends and tonumber(ends) > now
if had then
  redis.call('ZREM', held, id)
  redis.call('HDEL', meta, 'f:' .. id)
end
if not had or redis.call('EXISTS', queue) == 1 then
  ${GRANT}${OTHERS}
  if not had then forget(id) end
  lapse()
  handOver(tonumber(redis.call('HGET', meta, 'limit')) or 0)
end
return had and 1 or 0
`;

/**
 * Sets an event and notifies the waiters. KEYS: the event, a hash of `set` and `generation`, which is higher than before
 * even on a server that has lost the last one, as a fence is. ARGV: its channel.
 *
 * @returns whether that changed anything
 */
export const SET_EVENT = `
if redis.call('HGET', KEYS[1], 'set') == '1' then return 0 end
local time = redis.call('TIME')
local last = tonumber(redis.call('HGET', KEYS[1], 'generation')) or 0
local generation = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('HSET', KEYS[1], 'set', '1', 'generation', generation)
redis.call('PUBLISH', ARGV[1], generation)
return 1
`;

/**
 * Changes a dict, unless the fence is older than one seen before. KEYS: the dict, its highest fence. ARGV: the fence,
 * or 0; the command, and its arguments after the key.
 *
 * @returns `[1, answer]`, or `[0, 'highest fence']` when it was refused
 */
export const WRITE_DICT = `
local known = tonumber(redis.call('GET', KEYS[2])) or 0
local fence = tonumber(ARGV[1])
if fence < known then return {0, string.format('%.0f', known)} end
if fence > known then redis.call('SET', KEYS[2], ARGV[1]) end
return {1, redis.call(ARGV[2], KEYS[1], unpack(ARGV, 3))}
`;
