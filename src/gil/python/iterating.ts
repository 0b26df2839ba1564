/** Iteration: iterators, their next values, and iterables taken as a whole. */
import { withArticle } from '../../core/article.js';
import { isTrue, lengthOf, ownMethod, raised, str, typeName } from './objects.js';
import { Instance } from './values/classes.js';
import { Deque, Dict, List, PySet, Range, Tuple } from './values/containers.js';
import { type Bound, Generator } from './values/frames.js';
import { Count, Iteration, Mapped, View } from './values/iterators.js';
import { Continuation, Runs } from './values/natives.js';
import { Unsupported } from './values/unsupported.js';
import type { Value } from './values/value.js';

/** @returns an iterator over a value of Python's own types */
export function iterate(value: Value): Value {
  if (value instanceof Iteration || value instanceof Generator || value instanceof Count || value instanceof Mapped) {
    return value;
  }
  if (value instanceof View) return new Iteration(value.of, value.what);
  if (
    value instanceof List ||
    value instanceof Tuple ||
    value instanceof Deque ||
    value instanceof Dict ||
    value instanceof PySet ||
    value instanceof Range ||
    typeof value === 'string'
  ) {
    return new Iteration(value);
  }
  refuseObject(value);
  throw raised('TypeError', `'${typeName(value)}' object is not iterable`);
}

/** @returns an iterator whose next values are available without running bytecode */
export function plainIterator(value: Value, what: string): Iteration {
  const iterator = iterate(value);
  if (!(iterator instanceof Iteration)) throw new Unsupported(`${what} of ${withArticle(typeName(value))}`);
  return iterator;
}

function refuseObject(value: Value): void {
  if (!(value instanceof Instance)) return;
  const special = ['__iter__', '__next__', '__getitem__'].find((name) => value.type.find(name) !== undefined);
  if (special !== undefined)
    throw new Unsupported(`iteration here over ${withArticle(value.type.name)}, whose class has ${special}`);
}

/** @returns an iterator's next value; undefined if there is none */
export function nextOf(iteration: Iteration): Value | undefined {
  const { of, what, at, size } = iteration;
  if (at === -1) return undefined;
  if ((of instanceof Dict || of instanceof PySet) && of.items.size !== size) {
    const kind = of instanceof Dict ? 'dictionary' : 'Set';
    throw raised('RuntimeError', `${kind} changed size during iteration`);
  }
  const item = what === 'zipped' ? zipped(of as Tuple) : itemAt(of, what === 'reversed' ? size - 1 - at : at);
  iteration.at = item === undefined ? -1 : at + 1;
  if (item === undefined) return undefined;
  if (what === 'numbered') return new Tuple([at + iteration.first, item as Value]);
  if (!Array.isArray(item)) return item;
  return what === 'items' ? new Tuple(item) : item[what === 'values' ? 1 : 0];
}

function zipped({ items }: Tuple): Value | undefined {
  const values: Value[] = [];
  for (const iterator of items) {
    const value = nextOf(iterator as Iteration);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values.length === 0 ? undefined : new Tuple(values);
}

function itemAt(of: Iteration['of'], at: number): Value | [Value, Value] | undefined {
  if (of instanceof Iteration) return nextOf(of);
  if (of instanceof Dict || of instanceof PySet) return [...of.items.values()][at];
  if (typeof of === 'string') return [...of][at];
  if (of instanceof List || of instanceof Tuple || of instanceof Deque) return of.items[at];
  return at < 0 || at >= (lengthOf(of) ?? 0) ? undefined : of.start + at * of.step;
}

/** @returns everything that an iterator has left, which exhausts it */
function restOf(iteration: Iteration): Value[] {
  const rest: Value[] = [];
  for (let item = nextOf(iteration); item !== undefined; item = nextOf(iteration)) rest.push(item);
  return rest;
}

/** @returns the items of an iterable that needs no bytecode, as C code takes them as a whole */
export function itemsOf(container: Value): readonly Value[] {
  if (container instanceof List || container instanceof Tuple || container instanceof Deque) return container.items;
  if (container instanceof Range) {
    return Array.from({ length: lengthOf(container) ?? 0 }, (_, i) => container.start + i * container.step);
  }
  const iterator = iterate(container);
  if (iterator instanceof Iteration) return restOf(iterator);
  throw new Unsupported(`${withArticle(typeName(container))} here (make a list of it before)`);
}

/**
 * What is done with the items. Other threads may have run in between, so the program's values that it also needs are
 * kept for it in the program's state, and passed to it as `kept`.
 */
type Finish = (items: readonly Value[], kept: readonly Value[]) => Value | Runs;

/** Takes an iterable as a whole; bytecode may have to run for it first. */
export function takeAll(of: Value, finish: Finish, kept: readonly Value[] = []): Value | Runs {
  if (of instanceof Generator) return new Runs(of, [], 'collect', withItems(finish, kept));
  if (of instanceof Mapped) return mapAll(of, finish, kept);
  const method = ownMethod(of, '__iter__');
  if (method === undefined) return finish(itemsOf(of), kept);
  const go = new Continuation((rest, { args: [iterator] }) => takeAll(iterator, finish, rest), kept);
  return new Runs(method, [], 'pass', go);
}

const withItems = (finish: Finish, kept: readonly Value[]): Continuation =>
  new Continuation((rest, { args: [list] }) => finish([...itemsOf(list)], rest), kept);

function mapAll({ func, of, keeps }: Mapped, finish: Finish, kept: readonly Value[]): Value | Runs {
  const chosen: Finish = (results, [items, ...rest]) =>
    finish(keeps ? itemsOf(items).filter((_, at) => isTrue(results[at])) : results, rest);
  const go: Finish = (items, [mapping, ...rest]) => forEach(mapping, items, chosen, [new Tuple(items), ...rest]);
  return takeAll(of, go, [func, ...kept]);
}

/** Calls a function with each of some values, one after the other, and then continues with its results. */
export const forEach = (func: Value, items: readonly Value[], finish: Finish, kept: readonly Value[] = []): Runs =>
  new Runs(func, [new Tuple([...items])], 'each', withItems(finish, kept));

/** Turns values into text, by their classes if these define how, and continues with the texts. */
export function textsOf(
  values: readonly Value[],
  finish: (texts: readonly string[], kept: readonly Value[]) => Value,
  kept: readonly Value[],
): Value | Runs {
  const at = values.findIndex((value) => textMethod(value) !== undefined);
  if (at === -1) return finish(values.map(str), kept);
  const go = new Continuation(
    ([all, ...rest], { args: [text] }) => {
      const next = [...itemsOf(all)];
      next[at] = str(text);
      return textsOf(next, finish, rest);
    },
    [new Tuple(values), ...kept],
  );
  return new Runs(textMethod(values[at]) as Value, [], 'pass', go);
}

const textMethod = (value: Value): Bound | undefined => ownMethod(value, '__str__') ?? ownMethod(value, '__repr__');
