/** What a child process does: it calls its function, makes sure that nothing is lost, and ends. */

import { end } from '#host';
import { hereOf } from '../../core/here.js';
import { sparing } from '../../core/wait/keep-alive.js';
import type { Link } from '../../host/link.js';
import { task } from '../../tasks/task.js';
import type { Connection } from '../connection.js';
import { beProcess } from '../here.js';
import { partsEnd } from '../parts.js';
import { Pipe } from '../pipe.js';
import { perform } from '../process-main.js';
import { type Directions, decodeAssignment, plainCodec } from './messages.js';
import { Relay } from './relay.js';

const host = globalThis as unknown as { readonly process: { readonly pid: number; exitCode: number } };

const items = plainCodec('item');

/** Called with the link to the keeper. */
export const childMain = task(
  hereOf(import.meta.url),
  'main of a child process of atomics-sync-free',
  async (link: Link) => {
    const relays: Relay[] = [];
    const mine: Connection[] = [];
    const work = new Work(link);
    const start = await link.next();
    const { call, args, here, parent } = decodeAssignment(start.message, (index, directions) => {
      const [one, other] = pipe(directions);
      let failure: Error | undefined;
      work.begin();
      const relay = new Relay(link, index, other, (error) => (failure = error), work.rest);
      one.carriedBy({
        check: (item) => void items.current.encodeToBytes(item),
        gone: () => relay.gone(),
        get failure() {
          return failure;
        },
      });
      void relay.pumped.then(() => work.end());
      relays[index] = relay;
      mine[index] = one;
      return one;
    });
    link.listen((frame) => relays[frame.index].hear(frame));
    beProcess({ ...here, pid: host.process.pid }, parent);
    work.end();
    const code = await perform(call, args, here.name);
    work.begin();
    await partsEnd({ all: true });
    for (const connection of mine) connection.close();
    await Promise.all(relays.map((relay) => relay.finish()));
    await link.flush();
    host.process.exitCode = code;
    end(() => {});
  },
);

/**
 * What the process has to do besides its function. With nothing left to do it ends, whether or not the parent does,
 * just as a worker of the parent ends when its function waits for something that nothing can bring about.
 */
class Work {
  readonly #link: Link;
  /** It begins with one: getting the function called. */
  #pieces = 1;

  constructor(link: Link) {
    this.#link = link;
  }

  begin(): void {
    if (++this.#pieces === 1) this.#link.ref();
  }

  end(): void {
    if (--this.#pieces === 0) this.#link.unref();
  }

  /** A relay always has items to carry, except while it waits for one. */
  readonly rest = async <T>(wait: () => Promise<T>): Promise<T> => {
    this.end();
    try {
      return await sparing(wait);
    } finally {
      this.begin();
    }
  };
}

/** @returns the function's end, and the relay's */
function pipe({ readable, writable }: Directions): [Connection, Connection] {
  if (readable && writable) return Pipe();
  const [reader, writer] = Pipe(false);
  return readable ? [reader, writer] : [writer, reader];
}
