// The portable tests' program: runs the checks one after the other and hands over the verdicts, as a line of the output, or
// as a request to the server of the page.
import { isMain } from 'atomics-sync-free/multiprocessing';
import type { Check, Host, Verdict } from './check.js';
import { checks } from './checks.js';

/** What a check may take, in ms. */
const LIMIT = 30_000;

function thisHost(): Host {
  if ('Deno' in globalThis) return 'deno';
  if ('Bun' in globalThis) return 'bun';
  if (!('document' in globalThis)) return 'node';
  return navigator.userAgent.includes('Firefox') ? 'firefox' : 'chromium';
}

async function verdictOf({ feature, name, run, except }: Check, host: Host): Promise<Verdict> {
  const exception = except?.[host];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${LIMIT} ms`)), LIMIT);
  });
  try {
    await Promise.race([exception === undefined ? run() : exception.instead(), limit]);
    return { feature, name, ...(exception && { reason: exception.reason }) };
  } catch (error) {
    return { feature, name, failed: String((error as Error).stack ?? error) };
  } finally {
    clearTimeout(timer);
  }
}

if (isMain) {
  const host = thisHost();
  const verdicts: Verdict[] = [];
  for (const check of checks) verdicts.push(await verdictOf(check, host));
  const report = JSON.stringify({ host, verdicts });
  if ('document' in globalThis) await fetch('/report', { method: 'POST', body: report });
  else console.log(report);
  // What a failed check has left must not keep the program.
  (globalThis as { process?: { exit?(): void } }).process?.exit?.();
}
