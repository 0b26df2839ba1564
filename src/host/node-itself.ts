/** Which of the hosts that have Node's modules this is. */

/** Whether it is Node itself, and neither Deno nor Bun. */
export const isNode = !('Deno' in globalThis || 'Bun' in globalThis);
