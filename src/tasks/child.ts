/**
 * The program that a child process runs first. Like the loader of workers, it contains only as much of the package as is
 * needed to load the rest: its main function is one of the package's tasks, in whatever module a bundler has put it.
 */
import { linkToParent, printDirectly } from '#host';
import type { Call } from './call.js';
import { type Inherited, keyOf, takeOn } from './order.js';

/** The content of the first frame, as JSON. */
export interface Charge {
  /** The main function: it is called with the link. */
  readonly main: Call & { readonly way: 'task' };
  readonly inherits: Inherited;
}

/** A rejection is printed and ends the process. */
async function begin(): Promise<void> {
  // Otherwise what a pipe has no room for is lost when this process exits.
  printDirectly();
  const link = linkToParent();
  const { message } = await link.next();
  const { main, inherits } = JSON.parse(new TextDecoder().decode(message)) as Charge;
  const { url, name } = main;
  const here = takeOn({ name: 'MainThread', daemon: false, load: url, inherits });
  await import(url);
  here.loading = undefined;
  const [registered] = here.tasks.get(keyOf(url, name)) ?? [];
  if (registered === undefined)
    throw new Error(`${url} creates no task ${JSON.stringify(name)} when a child process loads it`);
  await registered.fn(link as never);
}

void begin();
