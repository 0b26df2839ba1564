/** How an actor's actions are observed: a cell that reports every access and call to a recorder. */
import { type Recorder, show } from './recorder.js';
import type { AnyCell, StressTest } from './test.js';

/**
 * A cell that works like another, with everything done to it recorded.
 *
 * Plain accesses to `memory` are caught by a proxy, those by `Atomics` by replacing its functions in this worker; calls
 * to primitives by proxies of these. What a primitive does internally is not recorded, nor are calls to primitives
 * inside plain objects.
 *
 * @param test - the test whose words the cell has
 * @param cell - the cell of the first iteration of a stage, with the plain memory and primitives
 * @param recorder - records the accesses and calls
 */
export function recordedCell(test: StressTest, cell: AnyCell, recorder: Recorder): AnyCell {
  const nameOf = wordNames(test, cell);
  const memory = recordedMemory(cell.memory, nameOf, recorder);
  recordAtomics(cell.memory, memory, nameOf, recorder);
  const primitives = Object.entries(cell)
    .filter(([name, value]) => name !== 'memory' && typeof value === 'object')
    .map(([name, value]) => [name, recordedValue(value, name, recorder)]);
  return { ...cell, ...Object.fromEntries(primitives), memory };
}

type NameOf = (index: number) => string;

function wordNames(test: StressTest, cell: AnyCell): NameOf {
  const places = cell as unknown as Readonly<Record<string, number>>;
  const names = new Map(Object.keys(test.words).map((word) => [places[word], word]));
  return (index) => names.get(index) ?? `memory[${index}]`;
}

function recordedMemory(real: AnyCell['memory'], nameOf: NameOf, recorder: Recorder): AnyCell['memory'] {
  const indexOf = (key: string | symbol): number | undefined =>
    typeof key === 'string' && /^\d+$/.test(key) ? Number(key) : undefined;
  return new Proxy(real, {
    get(target, key) {
      const index = indexOf(key);
      if (index !== undefined)
        return recorder.access(
          () => target[index],
          (seen) => `read ${nameOf(index)} → ${seen}`,
        );
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set(target, key, value: number) {
      const index = indexOf(key);
      if (index === undefined) return Reflect.set(target, key, value, target);
      const write = (): void => {
        target[index] = value;
      };
      recorder.access(write, () => `write ${nameOf(index)} ← ${value}`);
      return true;
    },
  });
}

type AtomicsFunction = (...args: unknown[]) => unknown;

/** Replaces Atomics' functions by recording ones; accesses to other arrays pass through unrecorded. */
function recordAtomics(real: AnyCell['memory'], memory: AnyCell['memory'], nameOf: NameOf, recorder: Recorder): void {
  for (const name of Object.getOwnPropertyNames(Atomics)) {
    const original = Reflect.get(Atomics, name) as AtomicsFunction;
    const recorded: AtomicsFunction = (array, index, ...rest) => {
      if (array !== memory) return original(array, index, ...rest);
      const make = (): unknown => original(real, index, ...rest);
      const call = `${name}(${[nameOf(Number(index)), ...rest.map(show)].join(', ')})`;
      return name === 'wait'
        ? recorder.call(call, make)
        : recorder.access(make, (result) => describe(call, name, result));
    };
    if (typeof original === 'function') Object.defineProperty(Atomics, name, { value: recorded });
  }
}

function describe(call: string, name: string, result: unknown): string {
  return name === 'store' ? call : `${call} → ${show(result)}`;
}

/** A value whose methods are recorded under its name, at any depth of arrays and of live objects; plain data is left alone. */
function recordedValue<T>(value: T, name: string, recorder: Recorder): T {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === Object.prototype) return value;
  if (Array.isArray(value)) return value.map((each, at) => recordedValue(each, `${name}[${at}]`, recorder)) as T;
  return new Proxy(value, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key, target);
      const path = `${name}.${String(key)}`;
      if (typeof found === 'function') {
        return (...args: unknown[]) =>
          recorder.call(`${path}(${args.map(show).join(', ')})`, (): unknown => Reflect.apply(found, target, args));
      }
      if (typeof key === 'symbol' || typeof found === 'object') return recordedValue(found, path, recorder);
      return recorder.access(
        (): unknown => Reflect.get(target, key, target),
        (seen) => `${path} → ${show(seen)}`,
      );
    },
  });
}
