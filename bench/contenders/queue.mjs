// Items from one thread to another: queue.mjs KIND ITEM [PAIRS [cpu]]; with `cpu`, in processor time. KIND is what they go through:
//   queue         a Queue; the main thread takes them, blocking
//   queue async   the same, awaited
//   block         a Queue; each is in a SharedArrayBuffer of its own
//   port          a MessagePort, read synchronously
//   transfer      the same; each is in an ArrayBuffer of its own, which is transferred
//   port event    a MessagePort, its messages as events
//   pairs         a Queue; PAIRS threads put them and as many take them
//   round trip    two Queues, there and back
//   pipe          a Pipe, there and back
//   events        two Events instead of an item, there and back
import { isMainThread, MessageChannel, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';
import { load } from '../lib/builds.mjs';
import { byProcessor, serve, timed } from '../lib/serve.mjs';

const [, , kind, item, pairs = '1', time] = process.argv;
const threads = Number(pairs);
const { attach, Event, Pipe, Queue, share } = await load(undefined, '/multiprocessing');

const text = 'x'.repeat(1000);
const bytes = new Uint8Array(2 ** 20);
const integers = Array.from({ length: 1000 }, (_, i) => i);
/** Objects are made anew each time, as in programs; large items are not, since that would be most of the time measured. */
const make = {
  integer: (i) => i,
  object: (i) => ({ id: i, name: 'abc', list: [i] }),
  'text of 1 kB': () => text,
  '1,000 integers': () => integers,
  '1 MB of bytes': () => bytes,
}[item];

function copyInto(buffer) {
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/** Words of the threads' control: which round it is, how many items each is to handle in it, and how many are done. */
const ROUND = 0;
const ITEMS = 1;
const DONE = 2;
/** For a port: how many messages were sent, for readers that sleep until there is one. */
const SENT = 3;

/** What a thread does in a round. */
function work({ role, queue, back, ping, pong, far, port, control }, n) {
  if (role === 'put') for (let i = 0; i < n; i++) queue.put(make(i));
  if (role === 'put blocks') for (let i = 0; i < n; i++) queue.put(copyInto(new SharedArrayBuffer(bytes.length)));
  if (role === 'reply') for (let i = 0; i < n; i++) far.send(far.recv());
  if (role === 'take') for (let i = 0; i < n; i++) queue.get();
  if (role === 'answer') for (let i = 0; i < n; i++) back.put(queue.get());
  if (role === 'events') {
    for (let i = 0; i < n; i++) {
      ping.wait();
      ping.clear();
      pong.set();
    }
  }
  if (role !== 'post' && role !== 'transfer') return;
  for (let i = 0; i < n; i++) {
    if (role === 'post') port.postMessage(make(i));
    else {
      const buffer = copyInto(new ArrayBuffer(bytes.length));
      port.postMessage(buffer, [buffer]);
    }
    Atomics.add(control, SENT, 1);
    Atomics.notify(control, SENT);
  }
}

function thread() {
  const { control, port, shared } = workerData;
  const mine = { ...attach(shared), control, port };
  // The rounds are counted here, since the next one may have begun before this one is done.
  for (let round = 0; ; round++) {
    Atomics.wait(control, ROUND, round);
    work(mine, Atomics.load(control, ITEMS));
    Atomics.add(control, DONE, 1);
    Atomics.notify(control, DONE);
  }
}

function main() {
  const control = new Int32Array(new SharedArrayBuffer(64));
  const [near, far] = Pipe();
  const things = { queue: new Queue(), back: new Queue(), ping: new Event(), pong: new Event(), far };
  const { queue, back, ping, pong } = things;
  const { port1, port2 } = new MessageChannel();
  const roles = {
    queue: ['put'],
    'queue async': ['put'],
    block: ['put blocks'],
    port: ['post'],
    transfer: ['transfer'],
    'port event': ['post'],
    pairs: [...new Array(threads).fill('put'), ...new Array(threads).fill('take')],
    'round trip': ['answer'],
    pipe: ['reply'],
    events: ['events'],
  }[kind];
  for (const role of roles) {
    const posts = role === 'post' || role === 'transfer' ? [port2] : [];
    const data = { control, port: posts[0], shared: share({ role, ...things }) };
    new Worker(new URL(import.meta.url), {
      argv: process.argv.slice(2),
      workerData: data,
      transferList: posts,
    }).unref();
  }

  const receive = () => {
    for (;;) {
      const sent = Atomics.load(control, SENT);
      const message = receiveMessageOnPort(port1);
      if (message !== undefined) return message.message;
      Atomics.wait(control, SENT, sent);
    }
  };
  const take = (n) => {
    for (let i = 0; i < n; i++) queue.get();
  };
  const takeMessages = (n) => {
    for (let i = 0; i < n; i++) receive();
  };
  const rounds = {
    queue: take,
    block: take,
    'queue async': async (n) => {
      for (let i = 0; i < n; i++) await queue.getAsync();
    },
    port: takeMessages,
    transfer: takeMessages,
    'port event': (n) =>
      new Promise((resolve) => {
        let left = n;
        port1.on('message', () => {
          if (--left > 0) return;
          port1.removeAllListeners('message');
          resolve();
        });
      }),
    pairs: () => {},
    'round trip': (n) => {
      for (let i = 0; i < n; i++) {
        queue.put(make(i));
        back.get();
      }
    },
    pipe: (n) => {
      for (let i = 0; i < n; i++) {
        near.send(make(i));
        near.recv();
      }
    },
    events: (n) => {
      for (let i = 0; i < n; i++) {
        ping.set();
        pong.wait();
        pong.clear();
      }
    },
  };
  serve(
    timed(
      async (n) => {
        Atomics.store(control, DONE, 0);
        Atomics.store(control, ITEMS, kind === 'pairs' ? Math.ceil(n / threads) : n);
        Atomics.add(control, ROUND, 1);
        Atomics.notify(control, ROUND);
        await rounds[kind](n);
        for (let done = 0; done < roles.length; done = Atomics.load(control, DONE)) Atomics.wait(control, DONE, done);
      },
      item === '1 MB of bytes' ? 8 : 64,
      time === 'cpu' ? byProcessor : undefined,
    ),
  );
}

if (isMainThread) main();
else thread();
