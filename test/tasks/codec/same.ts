/** Whether a value is what structured clone would make of another: kinds, contents, order, holes, −0, and identity. */
import { inspect, types } from 'node:util';

/** @returns where and how two values differ, or undefined if they are the same */
export function difference(actual: unknown, expected: unknown): string | undefined {
  const pairs = new Map<object, object>();
  const partners = new Map<object, object>();

  function compare(a: unknown, b: unknown, path: string): string | undefined {
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null)
      return Object.is(a, b) ? undefined : `${path}: ${inspect(a)}, not ${inspect(b)}`;
    if (pairs.has(a) || partners.has(b))
      return pairs.get(a) === b && partners.get(b) === a ? undefined : `${path}: the identity of an object`;
    pairs.set(a, b);
    partners.set(b, a);
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path}: the class`;
    return inside(a, b, path) ?? properties(a, b, path);
  }

  function inside(a: object, b: object, path: string): string | undefined {
    if (types.isBoxedPrimitive(a) || a instanceof Date) return compare(a.valueOf(), b.valueOf(), `${path}.valueOf()`);
    if (a instanceof RegExp) return compare(`${a} ${a.lastIndex}`, `${b} ${(b as RegExp).lastIndex}`, path);
    if (a instanceof Map) return compareAll([...a].flat(), [...(b as typeof a)].flat(), path);
    if (a instanceof Set) return compareAll([...a], [...(b as typeof a)], path);
    if (types.isAnyArrayBuffer(a)) {
      const { resizable, maxByteLength } = a as { resizable?: boolean; maxByteLength?: number };
      return (
        compare(Buffer.from(a).toString('hex'), Buffer.from(b as ArrayBuffer).toString('hex'), path) ??
        compare(resizable, (b as { resizable?: boolean }).resizable, `${path}.resizable`) ??
        compare(maxByteLength, (b as { maxByteLength?: number }).maxByteLength, `${path}.maxByteLength`)
      );
    }
    if (ArrayBuffer.isView(a)) {
      const other = b as ArrayBufferView;
      return (
        compare(a.byteOffset, other.byteOffset, `${path}.byteOffset`) ??
        compare(a.byteLength, other.byteLength, `${path}.byteLength`) ??
        compare(a.buffer, other.buffer, `${path}.buffer`)
      );
    }
    if (a instanceof Error) {
      for (const name of ['name', 'message', 'stack', 'cause', 'errors'] as const) {
        const [x, y] = [a, b].map((each) => (each as unknown as Record<string, unknown>)[name]);
        const found = compare(x, y, `${path}.${name}`);
        if (found !== undefined) return found;
      }
    }
    return Array.isArray(a) ? compare(a.length, (b as unknown[]).length, `${path}.length`) : undefined;
  }

  function compareAll(a: readonly unknown[], b: readonly unknown[], path: string): string | undefined {
    if (a.length !== b.length) return `${path}: ${a.length} items, not ${b.length}`;
    for (let i = 0; i < a.length; i++) {
      const found = compare(a[i], b[i], `${path}…[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Compares own enumerable properties, in order; a hole is none. */
  function properties(a: object, b: object, path: string): string | undefined {
    if (ArrayBuffer.isView(a)) return undefined;
    const [keys, others] = [Object.keys(a), Object.keys(b)];
    if (keys.join() !== others.join()) return `${path}: the keys ${keys}, not ${others}`;
    for (const key of keys) {
      const [x, y] = [a, b].map((each) => (each as Record<string, unknown>)[key]);
      const found = compare(x, y, `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return compare(actual, expected, 'value');
}
