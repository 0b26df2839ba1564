/** The indefinite article of a noun in a message, often a class name: it depends on how the word sounds. */

/** Words that begin with a vowel sound: not those that begin like `you`, but initials pronounced like `ar`. */
const AN = /^[aeio]|^u(?!int|ni|rl|se|til)|^U(?![A-Z]|int|ni|se|til)|^[FHLMNRSX](?=[A-Z])|^[AEIO]/;

/** @returns a noun with its article: `a Lock`, `an RLock` */
export const withArticle = (noun: string): string => `${AN.test(noun) ? 'an' : 'a'} ${noun}`;
