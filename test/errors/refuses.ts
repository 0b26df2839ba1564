// Calls that are refused: with a clear error, and nothing written.
import type { Arena, ErrorCode } from 'atomics-sync-free';
import * as assert from 'uvu/assert';

/** What an error has to be: its class and code, and all of its message or a pattern of it. */
export interface Refusal {
  readonly name: 'TypeError' | 'RangeError' | 'SyncError' | 'TimeoutError' | 'BrokenBarrierError';
  readonly code?: ErrorCode;
  readonly message: string | RegExp;
}

export const typeError = (message: string | RegExp): Refusal => ({ name: 'TypeError', message });
export const rangeError = (message: string | RegExp): Refusal => ({ name: 'RangeError', message });
export const syncError = (code: ErrorCode, message: string | RegExp): Refusal => ({ name: 'SyncError', code, message });

/**
 * Asserts that a call throws, or its promise is rejected, and that the whole memory is afterwards what it was before.
 *
 * @param memory - an arena, or any memory the call is about
 * @param call - what to call; may be async
 * @param expected - the error
 * @param what - names the call in the test's error
 */
export async function refuses(
  memory: Arena | ArrayBufferLike,
  call: () => unknown,
  expected: Refusal,
  what = String(call),
): Promise<void> {
  const bytes = 'words' in memory ? memory.words : new Uint8Array(memory);
  const before = bytes.slice();
  const error = await errorOf(call, what);
  const changed = before.findIndex((value, index) => value !== bytes[index]);
  assert.is(changed, -1, `${what} changed the memory at index ${changed}`);
  assert.is(error.name, expected.name, `${what}: ${error.stack}`);
  assert.is(error.code, expected.code, what);
  assert.ok(error instanceof Error, what);
  if (typeof expected.message === 'string') assert.is(error.message, expected.message, what);
  else assert.match(error.message, expected.message, what);
}

async function errorOf(call: () => unknown, what: string): Promise<Error & { code?: unknown }> {
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error(`${what} was not refused, and gave ${String(value)}`);
}
