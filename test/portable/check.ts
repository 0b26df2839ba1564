// What one check of the portable tests is: a property that is to hold on every host, or is known not to on some.

/** The hosts as they are told apart; the versions do not matter here. */
export type Host = 'node' | 'deno' | 'bun' | 'chromium' | 'firefox';

/** The columns of the table in docs/environments.md are hosts, its rows these. */
export type Feature =
  | 'primitives'
  | 'blocking in the main thread'
  | 'death of an agent'
  | 'deadlocks'
  | 'statistics'
  | 'trace'
  | 'checker'
  | 'GIL'
  | 'threads'
  | 'processes'
  | 'queues and pipes'
  | 'Value and Array'
  | 'Pool'
  | 'Parallel'
  | 'Memory';

/** What a host does in place of what the check shows. */
export interface Exception {
  /** Why the host cannot, as the table says it. */
  readonly reason: string;
  /** The major version from which on the host can. */
  readonly before?: number;
  /** Shows that it is so. */
  readonly instead: () => Promise<void>;
}

export interface Check {
  readonly feature: Feature;
  readonly name: string;
  readonly run: () => Promise<void>;
  readonly except?: Partial<Record<Host, Exception>>;
}

export interface Verdict {
  readonly feature: Feature;
  readonly name: string;
  /** Why the host cannot, where that is known and was seen. */
  readonly reason?: string;
  /** What the table says of versions of the host that cannot, whichever has run. */
  readonly formerly?: string;
  /** What went wrong. */
  readonly failed?: string;
}

/** Throws unless both print the same JSON, or are equal. */
export function same(actual: unknown, expected: unknown): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value) ?? String(value));
  if (a !== b) throw new Error(`${a}, not ${b}`);
}

/** The code or name of what a call fails with. */
export async function failureOf(call: () => unknown): Promise<string> {
  try {
    return `no error, but ${String(await call())}`;
  } catch (error) {
    const { code, name } = error as { code?: unknown; name: string };
    return typeof code === 'string' ? code : name;
  }
}

/** The same in any host, and not stopped by a busy event loop of another agent. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
