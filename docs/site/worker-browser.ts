// A worker of a stress run in a browser, as src/stress/worker-node.ts is one in Node. Its tests are the catalogue's.
import { attach } from '../../src/gil/attach.js';
import { play } from '../../src/stress/actor.js';
import { catalogue } from '../../src/stress/catalogue/index.js';
import type { Announcement, Assignment } from '../../src/stress/worker-node.js';

/** What a worker says: besides what one in Node says, how it ends, which the browser would not tell. */
export type Said = Announcement | { readonly kind: 'error'; readonly message: string } | { readonly kind: 'end' };

const say = (said: Said): void => self.postMessage(said);

self.onmessage = ({ data }: MessageEvent<Assignment>): void => {
  const { test: name, primitives, ...part } = data;
  try {
    const test = catalogue.find((candidate) => candidate.name === name);
    if (!test) throw new Error(`the catalogue has no test called ${name}`);
    const attached = attach(primitives);
    say({ kind: 'ready' });
    play(test, attached, { ...part, announce: (slot, result) => say({ kind: 'result', slot, result }) });
  } catch (error) {
    say({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
  }
  say({ kind: 'end' });
  self.close();
};
