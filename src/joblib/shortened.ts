/** Arguments as people read them in a progress line, or in an error message. */

const LONGEST_TEXT = 40;
const MOST_ITEMS = 4;

/** @returns the arguments of a call, without what makes them long */
export const shortened = (args: readonly unknown[]): string => args.map((each) => short(each, 0)).join(', ');

function short(value: unknown, depth: number): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return value.name || 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const { name } = value.constructor ?? Object;
  if (ArrayBuffer.isView(value)) return `${name}(${(value as { length?: number }).length ?? value.byteLength})`;
  if (Array.isArray(value))
    return depth > 0 ? `Array(${value.length})` : `[${some(value.map((each) => short(each, 1)))}]`;
  if (name !== 'Object') return name;
  const entries = Object.entries(value);
  return depth > 0 ? '{…}' : `{ ${some(entries.map(([key, each]) => `${key}: ${short(each, 1)}`))} }`;
}

const some = (texts: readonly string[]): string =>
  [...texts.slice(0, MOST_ITEMS), ...(texts.length > MOST_ITEMS ? ['…'] : [])].join(', ');
