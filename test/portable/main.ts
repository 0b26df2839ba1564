// The portable tests' program: runs the checks one after the other and hands over the verdicts, as a line of the output, or
// as a request to the server of the page.
import { isMain } from 'atomics-sync-free/multiprocessing';
import type { Check, Host, Verdict } from './check.js';
import { checks } from './checks.js';

/** What a check may take, in ms. */
const LIMIT = 30_000;

interface Globals {
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly Bun?: { readonly version: string };
  readonly process?: { readonly versions: { readonly node: string }; exit?(): void };
}
const { Deno, Bun, process } = globalThis as unknown as Globals;

function thisHost(): { host: Host; version: string } {
  if (Deno) return { host: 'deno', version: Deno.version.deno };
  if (Bun) return { host: 'bun', version: Bun.version };
  if (!('document' in globalThis)) return { host: 'node', version: process?.versions.node ?? '' };
  const [, name, version = ''] = /(Firefox|Chrome)\/([\d.]+)/.exec(navigator.userAgent) ?? [];
  return { host: name === 'Firefox' ? 'firefox' : 'chromium', version };
}

/** In some hosts the stack of an error does not begin with its message. */
function textOf(error: unknown): string {
  const { stack = '' } = error as Error;
  return stack.startsWith(String(error)) ? stack : `${error}\n${stack}`;
}

async function verdictOf({ feature, name, run, except }: Check, host: Host, version: string): Promise<Verdict> {
  const known = except?.[host];
  const { before = Infinity } = known ?? {};
  const exception = Number.parseInt(version, 10) < before ? known : undefined;
  const formerly = before < Infinity && { formerly: `before ${before} ${known?.reason}` };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${LIMIT} ms`)), LIMIT);
  });
  try {
    await Promise.race([exception === undefined ? run() : exception.instead(), limit]);
    return { feature, name, ...formerly, ...(exception && { reason: exception.reason }) };
  } catch (error) {
    return { feature, name, failed: textOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

if (isMain) {
  const { host, version } = thisHost();
  const verdicts: Verdict[] = [];
  for (const check of checks) verdicts.push(await verdictOf(check, host, version));
  const report = JSON.stringify({ host, version, verdicts });
  if ('document' in globalThis) await fetch('/report', { method: 'POST', body: report });
  else console.log(report);
  // What a failed check has left must not keep the program.
  process?.exit?.();
}
