// What a run prints even of a test that passes: a line of the test's output that begins with the mark is printed by the runner,
// and by .ci/run.

const MARK = '» ';

/** Makes the runner print a line, which needs one of its own: uvu may have begun one. */
export const note = (text: string): void => console.log(`\n${MARK}${text}`);

/** The lines of an output that were noted, with their mark. */
export const notesIn = (output: string): string[] => output.split('\n').filter((line) => line.startsWith(MARK));
