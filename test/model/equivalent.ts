/** Mutants that no scenario can catch, because they do the same, each with the reason why. */
export const equivalent: Readonly<Record<string, string>> = {};
