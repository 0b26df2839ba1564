/** The key of the method that ends what is held at the end of an `await using`. */

type AsyncDispose = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? Key
  : typeof undeclared;
declare const undeclared: unique symbol;

/** `Symbol.asyncDispose`, where the host has it; elsewhere what transpilers of `await using` look for. */
export const ASYNC_DISPOSE: AsyncDispose =
  Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as unknown as AsyncDispose);
