/** The error for a value that cannot be sent: where it is in the given value, and what it is. */
import { SyncError } from '../../core/errors.js';
import { kindOf } from './kinds.js';

/** Thrown inside an encoder, and reported to the caller with the path to the culprit. */
export class Refused {
  /**
   * @param culprit the value that cannot be sent
   * @param what completes a sentence that begins with its path
   */
  constructor(
    readonly culprit: unknown,
    readonly what: string,
  ) {}
}

/** @param root the name of the given value; if empty, the path begins with its first key */
export function refusal({ culprit, what }: Refused, value: unknown, root: string): SyncError {
  const path = pathTo(culprit, value, root);
  const whole = root === '' ? 'the value' : root;
  // A getter may return a different object each time, so that the refused one can no longer be found.
  const message = path === undefined ? `${whole} ${what.replace(/^is/, 'is or holds')}` : `${path || whole} ${what}`;
  return new SyncError('ERR_NOT_CLONEABLE', message);
}

/**
 * @param packed the path of the given value within the one it was packed into
 * @param given its name where it was given
 * @returns the same error, with a path that begins there
 */
export function asGiven(error: unknown, packed: string, given: string): unknown {
  const isOfPath = error instanceof SyncError && error.code === 'ERR_NOT_CLONEABLE' && error.message.startsWith(packed);
  return isOfPath ? new SyncError(error.code, given + error.message.slice(packed.length)) : error;
}

interface Step {
  readonly value: unknown;
  readonly from: Step | undefined;
  readonly name: string;
}

/**
 * The shortest path, as an expression of the language. It is searched for only now, so that values that can be sent pay nothing.
 */
function pathTo(culprit: unknown, root: unknown, name: string): string | undefined {
  const seen = new Set<unknown>();
  const steps: Step[] = [{ value: root, from: undefined, name }];
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at];
    const { value } = step;
    if (Object.is(value, culprit)) return spelled(step);
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    try {
      for (const [part, inner] of parts(value)) steps.push({ value: inner, from: step, name: part });
    } catch {
      // A getter that throws now leads nowhere.
    }
  }
  return undefined;
}

function spelled(step: Step): string {
  const names: string[] = [];
  for (let each: Step | undefined = step; each !== undefined; each = each.from) names.push(each.name);
  return names.reverse().join('').replace(/^\./, '');
}

function* parts(value: object): Generator<readonly [string, unknown]> {
  const kind = kindOf(value);
  if (kind === 'Map') {
    let index = 0;
    for (const [key, item] of value as Map<unknown, unknown>) {
      yield [`.keys()[${index++}]`, key];
      yield [`.get(${shown(key)})`, item];
    }
  } else if (kind === 'Set') {
    let index = 0;
    for (const item of value as Set<unknown>) yield [`.values()[${index++}]`, item];
  } else if (ArrayBuffer.isView(value)) {
    yield ['.buffer', value.buffer];
    return;
  } else if (kind === 'Error') {
    yield ['.cause', (value as Error).cause];
    yield ['.errors', (value as { errors?: unknown }).errors];
  }
  for (const [key, item] of Object.entries(value)) yield [property(key, Array.isArray(value)), item];
}

function property(key: string, ofArray: boolean): string {
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)) return `.${key}`;
  return ofArray && /^\d+$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`;
}

function shown(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'object' ? '…' : String(key);
}
