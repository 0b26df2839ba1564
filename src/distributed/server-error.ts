/**
 * What a server's errors mean. The client's own error objects are dropped, because they carry the command with its
 * arguments, and so passwords and values. Of a server's answer only the code is used, because the text may repeat
 * arguments, too.
 */
import { type ErrorCode, SyncError } from '../core/errors.js';

/** By the code that an answer begins with. */
const ANSWERS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  READONLY: ['ERR_READ_ONLY', 'is a replica and accepts no writes; connect to the primary'],
  OOM: [
    'ERR_SERVER_FULL',
    'is full: it has reached maxmemory, and evicts nothing; give it more memory, or remove keys',
  ],
  NOAUTH: ['ERR_SERVER_REFUSED', 'requires a password, and the URL has none'],
  WRONGPASS: ['ERR_SERVER_REFUSED', 'does not accept the user and password of the URL'],
  NOPERM: ['ERR_SERVER_REFUSED', 'does not allow this user to do that'],
  MISCONF: ['ERR_SERVER_REFUSED', 'accepts no writes, because it cannot write to its disk'],
  LOADING: ['ERR_UNREACHABLE', 'has just started, and is loading its data'],
  MASTERDOWN: ['ERR_READ_ONLY', 'is a replica that has lost its primary'],
  NOREPLICAS: ['ERR_NOT_REPLICATED', 'accepts no writes, because it has too few replicas'],
};

/** The message of the error when a command had no answer in time. */
export const TIMED_OUT = 'timed out';

/** @param label the server, for people */
export function closedError(label: string): SyncError {
  return new SyncError('ERR_CLOSED', `this connection to the cluster at ${label} is closed`);
}

/** @returns the code of a server's answer: up to Redis 6.2, what a command in a script is answered stands behind a prefix */
export function codeOfAnswer(message: string): string {
  return /^(?:Error: )?(?:ERR Error running script\b.*: -)?([A-Z]{3,})\b/.exec(message)?.[1] ?? '';
}

/**
 * @param error what the client rejected with
 * @param label the server, for people
 * @param isConnected whether the client is connected to it
 */
export function serverError(error: unknown, label: string, isConnected: boolean): SyncError {
  if (error instanceof SyncError) return error;
  const { message = '', code, name } = error as Error & { readonly code?: unknown };
  if (message === TIMED_OUT && isConnected)
    return new SyncError(
      'ERR_SERVER_TIMEOUT',
      `the server ${label} did not answer in time; it may still execute the command`,
    );
  const word = codeOfAnswer(message);
  const known = ANSWERS[word];
  if (known !== undefined) return new SyncError(known[0], `the server ${label} ${known[1]}`);
  if (name === 'ReplyError')
    return new SyncError('ERR_SERVER_REFUSED', `the server ${label} answered with an error: ${word || 'ERR'}`);
  const reason = typeof code === 'string' ? ` (${code})` : '';
  return new SyncError('ERR_UNREACHABLE', `the server ${label} cannot be reached${reason}`);
}
