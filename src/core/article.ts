/** The article of a noun in a message, which is often the name of a class: it goes by how the word sounds. */

/** Words that begin with a vowel, save those that sound as `you` does, and initials that are spoken as `ar` and the like are. */
const AN = /^[aeio]|^u(?!int|ni|rl|se|til)|^U(?![A-Z]|int|ni|se|til)|^[FHLMNRSX](?=[A-Z])|^[AEIO]/;

/** @returns a noun behind its article: `a Lock`, `an RLock` */
export const withArticle = (noun: string): string => `${AN.test(noun) ? 'an' : 'a'} ${noun}`;
