// The portable checks in pages of real browsers, built by Vite. The executables are CHROMIUM's and FIREFOX's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import * as vite from 'vite';
import { createProject, INSTALLS, removeProject } from '../package/project.js';
import { CHROMIUM, CHROMIUM_ARGS } from '../support/chromium.js';
import { note } from '../support/notes.js';
import { atTestEnd, suite } from '../support/suite.js';
import type { Host } from './check.js';
import { writePortable } from './project.js';
import { accept, type Report } from './report.js';

const test = suite('every browser');

/** How long all checks may take, in ms. */
const LIMIT = 120_000;

const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

interface Browser {
  readonly host: Host;
  readonly command: string;
  /** How it is started with a profile of its own and no window. */
  readonly args: (profile: string) => readonly string[];
}

const BROWSERS: readonly Browser[] = [
  {
    host: 'chromium',
    command: CHROMIUM,
    args: (profile) => ['--headless', ...CHROMIUM_ARGS, `--user-data-dir=${profile}`],
  },
  {
    host: 'firefox',
    command: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    args: (profile) => ['--headless', '--no-remote', '--profile', profile],
  },
];

let project: string;
let portable: string;
test.before(async () => {
  project = await createProject();
  portable = await writePortable(project);
  await vite.build({ root: portable, logLevel: 'error' });
}, INSTALLS);
test.after(() => removeProject(project));

/** Serves what was built, and waits for what the page says. */
async function serve(): Promise<{ readonly url: string; readonly report: Promise<Report> }> {
  const { promise: report, resolve } = withResolvers<Report>();
  const server = createServer(async (request, response) => {
    const { url = '/', method } = request;
    if (method === 'POST') {
      let text = '';
      for await (const chunk of request) text += chunk;
      resolve(JSON.parse(text) as Report);
      response.writeHead(204, ISOLATED).end();
      return;
    }
    const name = url === '/' ? 'index.html' : url;
    const content = await readFile(join(portable, 'dist', name)).catch(() => undefined);
    response.writeHead(content ? 200 : 404, { ...ISOLATED, 'Content-Type': TYPES[extname(name)] ?? 'text/plain' });
    response.end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atTestEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, report };
}

for (const { host, command, args } of BROWSERS) {
  test(
    `${host} does all that it can`,
    async () => {
      const { url, report } = await serve();
      const profile = await mkdtemp(join(tmpdir(), 'profile-'));
      const browser = spawn(command, [...args(profile), url], { stdio: 'ignore', detached: true });
      atTestEnd(async () => {
        await ended(browser);
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      });
      const failed = new Promise<never>((_, reject) => {
        browser.on('error', reject);
        setTimeout(() => reject(new Error(`the page has said nothing for ${LIMIT} ms`)), LIMIT).unref();
      });
      note(await accept(await Promise.race([report, failed]), host));
    },
    { limit: LIMIT + 20_000 },
  );
}

/** Ends a browser with all its processes. */
async function ended(browser: ChildProcess): Promise<void> {
  if (browser.pid === undefined || browser.exitCode !== null) return;
  const exit = once(browser, 'exit');
  process.kill(-browser.pid, 'SIGKILL');
  await exit;
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test.run();
