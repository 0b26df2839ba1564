/** References to functions. Separate from order.ts because users' compilers read it, and may not know any host's types. */

/** A function of which nothing else is known. */
export type Function_ = (...args: never[]) => unknown;

/** The function that a worker is to call; everything in it can be cloned. */
export type Call =
  /** Registered by `task` when the module is loaded. */
  | { readonly way: 'task'; readonly url: string; readonly name: string }
  /** An export of a module. */
  | { readonly way: 'module'; readonly url: string; readonly name: string }
  /** Passed to `serve` by the worker's own module. */
  | { readonly way: 'serve'; readonly name: string }
  /** The source text of a function. */
  | { readonly way: 'source'; readonly text: string; readonly name: string };
