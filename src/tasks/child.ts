/**
 * The program that a child process runs first. Like the loader of workers it has only as much of the package in it as it takes
 * to load the rest: its main function is a task of the package's, in whatever module a bundler has put that.
 */
import { linkToParent } from '#host';
import type { Call } from './call.js';
import { keyOf, takeOn } from './order.js';

/** What the first frame says, as JSON. */
export interface Charge {
  /** The main function: it is called with the link. */
  readonly main: Call & { readonly way: 'task' };
}

/** A rejection ends the process, and is printed. */
async function begin(): Promise<void> {
  const link = linkToParent();
  const { message } = await link.next();
  const { main } = JSON.parse(new TextDecoder().decode(message)) as Charge;
  const { url, name } = main;
  const here = takeOn({ name: 'MainThread', daemon: false, load: url });
  await import(url);
  here.loading = undefined;
  const [registered] = here.tasks.get(keyOf(url, name)) ?? [];
  if (registered === undefined)
    throw new Error(`${url} makes no task ${JSON.stringify(name)} when a child process loads it`);
  await registered.fn(link as never);
}

void begin();
