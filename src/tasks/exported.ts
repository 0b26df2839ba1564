/** A function that a module exports, by its name. */

import { SyncError } from '../core/errors.js';
import type { Module } from '../host/host.js';
import type { Function_ } from './call.js';

/**
 * @param url names the module in the error
 * @returns the function; of a module in CommonJS it may be a property of `module.exports`, which hosts import as the default
 *   export, since they know by name only those exports that they recognize in its text
 * @throws SyncError `ERR_FUNCTION` when there is none
 */
export function exported(module: Module, name: string, url: string): Function_ {
  const fn = module[name] ?? propertyOf(module.default, name);
  if (typeof fn === 'function') return fn as Function_;
  throw new SyncError('ERR_FUNCTION', `${url} exports no function called ${JSON.stringify(name)}`);
}

function propertyOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Object.hasOwn(value, name) ? (value as Module)[name] : undefined;
}
