/** The key of the method called at the end of an `await using`. */

type AsyncDispose = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? Key
  : typeof undeclared;
declare const undeclared: unique symbol;

/** `Symbol.asyncDispose` if the host has it; otherwise the symbol that transpilers of `await using` look for. */
export const ASYNC_DISPOSE: AsyncDispose =
  Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as unknown as AsyncDispose);
