/** The identity of a function whose results are kept: where it is defined, its name and its source. */

import { sha256Hex } from '#files';
import { checkFunction } from '../../core/arguments.js';
import type { Call, Function_ } from '../../tasks/call.js';
import { isClass, isGenerator, isNative } from '../../tasks/source.js';
import { TASK } from '../../tasks/target.js';
import { urlOf } from '../../tasks/url.js';
import { utf8 } from '../utf8.js';

export interface Identity {
  readonly name: string;
  readonly source: string;
  /** The name of a folder that no other function has. */
  readonly folder: string;
}

/** Marks what `cache` has made. */
export const CACHED = Symbol('cached');

const FOLDER_NAME = 60;
const FOLDER_HASH = 16;

/**
 * @param module where the function is defined, if that was given
 * @throws TypeError when it is not a function whose source and name say what it does
 */
export function identify(fn: unknown, module: string | URL | undefined): Identity {
  checkFunction('f', fn);
  if (CACHED in (fn as object)) throw new TypeError('f is already a function that cache returned');
  const source = sourceOf(fn as Function_);
  const call = (fn as { [TASK]?: Call })[TASK];
  const [where, name] =
    call?.way === 'task'
      ? [withoutQuery(call.url), call.name]
      : [module === undefined ? undefined : withoutQuery(urlOf(module)), (fn as Function_).name];
  if (name === '')
    throw new TypeError(`f has no name under which its results could be found again: ${source.slice(0, 60)}`);
  // Two functions of one name and unknown places are distinguished by their sources.
  const hash = sha256Hex(utf8().encoder.encode(`${where ?? source}\n${name}`)).slice(0, FOLDER_HASH);
  return { name, source, folder: `${name.replaceAll(/[^\w-]/g, '_').slice(0, FOLDER_NAME)}-${hash}` };
}

function sourceOf(fn: Function_): string {
  const source = Function.prototype.toString.call(fn);
  if (isNative(source))
    throw new TypeError(
      `${fn.name || 'f'} is native or bound, so its source cannot be seen; write a function that calls it`,
    );
  if (isClass(source)) throw new TypeError(`${fn.name || 'f'} is a class; write a function that makes one`);
  if (isGenerator(fn))
    throw new TypeError(`${fn.name || 'f'} is a generator, whose values cannot be kept; return an array`);
  return source;
}

/** Development servers add the time of the last change. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '');
