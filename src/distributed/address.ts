/** Where a server is. Its URL holds a password, so only what this file derives from it is ever shown. */
import { isURL, shown } from '../core/arguments.js';

/** A server, by its URL. */
export interface Address {
  /** As the client takes it, with user and password. */
  readonly url: string;
  /** Host and port, for people. */
  readonly label: string;
}

/**
 * @returns where the server is
 * @throws TypeError when it is not a server's URL; the message does not repeat it
 */
export function addressOf(url: string | URL): Address {
  if (typeof url !== 'string' && !isURL(url)) throw new TypeError(`url must be a URL, not ${shown(url)}`);
  const text = String(url);
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '')
    throw new TypeError('url must be redis://[user:password@]host[:port][/database], or rediss://… for TLS');
  return { url: text, label: `${parsed.hostname}:${parsed.port || 6379}` };
}

/** What a namespace consists of: no brace, because a brace begins an object's name. */
const NAMESPACE = /^[\w.:-]{1,200}$/;

/** @throws TypeError when it is not a valid namespace */
export function checkNamespace(namespace: string): void {
  if (typeof namespace !== 'string' || !NAMESPACE.test(namespace))
    throw new TypeError(`namespace must consist of letters, digits and _ . : -, not ${shown(namespace)}`);
}
