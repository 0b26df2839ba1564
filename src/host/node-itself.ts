/** Which of the hosts with Node's modules this is. */

/** Whether this is Node itself, and neither Deno nor Bun. */
export const isNode = !('Deno' in globalThis || 'Bun' in globalThis);
