/** The types of proxies' methods. */

/** The names of what can be called. */
export type MethodName<T> = {
  [Name in keyof T]: T[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof T] &
  string;

/** The same methods, in the form that does not block the agent: under their names with `Async`, with promises. */
export type AsyncForms<T> = {
  [Name in MethodName<T> as `${Name}Async`]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};
