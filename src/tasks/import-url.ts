/** How a module is loaded that nobody knows before the program runs. */

/** A module by what it exports. */
export type Module = Readonly<Record<string, unknown>>;

/** @param url where it is; bundlers have it in no bundle, and webpack would warn of that */
export const importUrl = (url: string): Promise<Module> => import(/* webpackIgnore: true */ url);
