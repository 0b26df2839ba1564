// An audio worklet of a real browser: it has shared memory, and neither crypto nor timers, and must not block.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { ROOT } from '../package/pages.js';
import { launchChromium } from '../support/chromium.js';
import { suite } from '../support/suite.js';

const test = suite('an audio worklet of Chromium');

const WORKLET = `
  import { attach, Lock } from '/index.js';
  import { Process, Queue } from '/multiprocessing.js';
  const outcomeOf = async (call) => {
    try {
      return await call();
    } catch (error) {
      return error.code ?? String(error);
    }
  };
  registerProcessor('locks', class extends AudioWorkletProcessor {
    constructor({ processorOptions: { shared } }) {
      super();
      void this.tell(shared);
    }
    async tell(shared) {
      const { lock, words } = attach(shared);
      const taken = await lock.acquireAsync({ timeout: 60_000 });
      words[0]++;
      lock.release();
      const own = new Lock();
      await own.acquireAsync();
      const queue = new Queue();
      queue.put({ text: 'æ' });
      this.port.postMessage([
        taken,
        await own.acquireAsync({ timeout: 10 }),
        await outcomeOf(() => own.acquire(5)),
        (await queue.getAsync()).text,
        await outcomeOf(() => new Process({ target: () => {} }).start()),
      ]);
    }
    process() {
      return true;
    }
  });
`;

const PAGE = `<!DOCTYPE html><script type="module">
  import { Lock, share } from '/index.js';
  const lock = new Lock();
  const words = new Int32Array(new SharedArrayBuffer(4));
  await lock.acquireAsync();
  const context = new AudioContext();
  await context.audioWorklet.addModule('/worklet.js');
  const node = new AudioWorkletNode(context, 'locks', { processorOptions: { shared: share({ lock, words }) } });
  const told = new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });
  lock.release();
  const outcomes = await told;
  window.outcomes = [words[0], ...outcomes];
</script>`;

test('primitives and queues work there by their async forms', async () => {
  const bundle = async (entry: string): Promise<string> => {
    const entryPoints = [join(ROOT, 'dist', entry)];
    const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', write: false, logLevel: 'error' });
    return outputFiles[0].text;
  };
  const files: Readonly<Record<string, string>> = {
    '/': PAGE,
    '/worklet.js': WORKLET,
    '/index.js': await bundle('index.js'),
    '/multiprocessing.js': await bundle('multiprocessing/index.js'),
  };
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(url in files ? 200 : 404, {
      'Content-Type': url === '/' ? 'text/html' : 'text/javascript',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(files[url]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const found = await page.waitForFunction(() => (globalThis as { outcomes?: unknown }).outcomes, undefined, {
      timeout: 30_000,
    });
    assert.equal(await found.jsonValue(), [1, true, false, 'ERR_BLOCKING_REFUSED', 'æ', 'ERR_NO_SPAWNER']);
  } finally {
    await browser.close();
    server.close();
  }
});

test.run();
