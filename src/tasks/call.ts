/** Which function is meant. It stands apart from order.ts because users' compilers read it, which may know no host's types. */

/** A function, of which nothing else is known. */
export type Function_ = (...args: never[]) => unknown;

/** Which function a worker is to call; everything in it can be cloned. */
export type Call =
  /** What `task` registers when the module is loaded. */
  | { readonly way: 'task'; readonly url: string; readonly name: string }
  /** An export of a module. */
  | { readonly way: 'module'; readonly url: string; readonly name: string }
  /** What the worker's own module has given to `serve`. */
  | { readonly way: 'serve'; readonly name: string }
  /** The text of a function. */
  | { readonly way: 'source'; readonly text: string; readonly name: string };
