/** Modules by URL. */

import { isURL } from '../core/arguments.js';
import { fileUrlOf } from '../core/here.js';

/**
 * @param module a URL, or the path of a file, as in CommonJS
 * @returns the URL
 * @throws TypeError when it is neither
 */
export function urlOf(module: string | URL): string {
  const text = isURL(module) ? module.href : module;
  if (typeof text !== 'string') throw new TypeError('a module must be import.meta.url, __filename or a URL');
  const path = text.replaceAll('\\', '/');
  if (!/^(?:[A-Za-z]:)?\//.test(path)) {
    if (isAddress(text)) return text;
    throw new TypeError(`a module must be import.meta.url, __filename or a URL, not ${JSON.stringify(text)}`);
  }
  return fileUrlOf(path);
}

/** Worklets and bare realms have no URL class, and import nothing by URL. */
const isAddress = (text: string): boolean =>
  (globalThis as Partial<typeof globalThis>).URL?.canParse(text) ?? /^[a-z][a-z\d+.-]*:/i.test(text);
