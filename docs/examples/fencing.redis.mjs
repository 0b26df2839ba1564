// Why a distributed lock needs a fence (Kleppmann, 2016): a holder that stops for longer than its lease goes on as if it
// still had the lock. Its late write is accepted without a fence, and refused with one.
//
//   REDIS_URL=redis://127.0.0.1 node docs/examples/fencing.redis.mjs
import { connect } from 'atomics-sync-free/distributed';

const LEASE = 1_000;
const url = process.env.REDIS_URL;
if (url === undefined) throw new Error('REDIS_URL says where a Redis or Valkey server is');

/** Two machines write the balance, the first of which is away for longer than its lease. @returns the balance */
async function race(withFence) {
  const namespace = `fencing-${process.pid}-${withFence}`;
  const [slow, quick] = await Promise.all([
    connect(url, { namespace, lease: LEASE }),
    connect(url, { namespace, lease: LEASE }),
  ]);
  const write = (machine, held, balance) =>
    machine.dict('accounts').setAsync('alice', balance, withFence ? { fence: held.fence } : {});

  const lost = await slow.Lock('accounts').holdAsync();
  // The machine is cut off: nothing renews its lease any more, and nothing tells it so. What it has sent is still on its way.
  const late = await connect(url, { namespace, lease: LEASE });
  await slow.closeAsync();

  // The lock is free after one lease, and the next holder is told that the one before lost it.
  const held = await quick.Lock('accounts').holdAsync();
  await write(quick, held, 'paid by the new holder');

  // Now what the first one has sent arrives.
  await write(late, lost, 'overwritten by the old holder').catch((error) => console.log(`  refused: ${error.code}`));
  const balance = await quick.dict('accounts').getAsync('alice');
  await held.releaseAsync();
  await Promise.all([quick.closeAsync(), late.closeAsync()]);
  return balance;
}

console.log('without a fence:');
console.log(`  ${await race(false)}`);
console.log('with a fence:');
console.log(`  ${await race(true)}`);
