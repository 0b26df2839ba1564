/** The loop that the package's own programs are made of: bytecode for `for i in range(n)`. */

/** The code around the statement that a loop repeats. */
interface LoopParts {
  /** The local that counts; `i` by default. */
  readonly counter?: string;
  /** What runs before the first turn. */
  readonly before?: string;
  /** Leaves the function's return value on the stack; None by default. */
  readonly result?: string;
}

/**
 * @param text instructions, one per line or separated by semicolons
 * @returns the same, one per line, indented as in a function
 */
export const instructions = (text: string): string =>
  text
    .split(/[;\n]/)
    .map((instruction) => `    ${instruction.trim()}`)
    .join('\n');

/**
 * A function that repeats a statement as often as its parameter `n` says.
 *
 * @param header its name and parameters, for example `main(n)`
 * @param body the statement's instructions, as `instructions` takes them
 * @returns the definition
 */
export const loopOver = (
  header: string,
  body: string,
  { counter = 'i', before = '', result = 'LOAD_CONST None' }: LoopParts = {},
): string => `
def ${header}:
    RESUME
${instructions(before)}
    LOAD_GLOBAL range
    LOAD_FAST n
    CALL 1
    GET_ITER
again:
    FOR_ITER done
    STORE_FAST ${counter}
${instructions(body)}
    JUMP_BACKWARD again
done:
${instructions(result)}
    RETURN_VALUE
`;
