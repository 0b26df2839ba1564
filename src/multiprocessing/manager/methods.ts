/** The types of proxies' methods. */

/** The names of an object's methods. */
export type MethodName<T> = {
  [Name in keyof T]: T[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof T] &
  string;

/** The same methods in their non-blocking forms: under their names with `Async`, with promises. */
export type AsyncForms<T> = {
  [Name in MethodName<T> as `${Name}Async`]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};
