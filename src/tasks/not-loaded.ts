/** The message for a worker that could not load the module of a function. */
import { messageOf } from '../core/thrown.js';

/** @returns the reason, and what to do about it */
export const whyNotLoaded = (way: string, url: string, error: unknown): string =>
  `${url} could not be loaded in the worker (${messageOf(error)}); ${cureOf(way, url)}`;

function cureOf(way: string, url: string): string {
  if (/\.[cm]?tsx?$/.test(url))
    return (
      'if workers of this host cannot load such TypeScript (those of Node can from 22.18 on), compile the module, or have Node ' +
      'import a compiler first (--import tsx)'
    );
  if (/\[eval\d*\]$|\bREPL\d*$/.test(url))
    return 'code that is typed in has no file that a worker could load: give a plain function, which uses nothing from around it';
  if (way !== 'task')
    return 'code that a bundler has moved is not where it was: give the function to task() or serve()';
  return 'a task must be in a file that can be imported where there is no page (with Vite: build.modulePreload.polyfill: false)';
}
