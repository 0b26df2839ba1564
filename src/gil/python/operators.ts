/** What operators, comparisons and subscripts do with values of Python's own types. */
import { withArticle } from '../../core/article.js';
import { percentFormat } from './formatting.js';
import { itemsOf } from './iterating.js';
import { hashOf, isEqual, isTrue, numberOf, raised, typeName } from './objects.js';
import { Instance, PyClass } from './values/classes.js';
import { Deque, Dict, Float, List, PySet, Range, Slice, Tuple } from './values/containers.js';
import { View } from './values/iterators.js';
import { refuseUnpredictable, Unpredictable } from './values/unpredictable.js';
import { Unsupported } from './values/unsupported.js';
import type { Value } from './values/value.js';

/** ≤ 3.10 has an instruction for each operator. */
const NAMES: Readonly<Record<string, string>> = {
  ADD: '+',
  SUBTRACT: '-',
  MULTIPLY: '*',
  FLOOR_DIVIDE: '//',
  TRUE_DIVIDE: '/',
  MODULO: '%',
  POWER: '**',
  LSHIFT: '<<',
  RSHIFT: '>>',
  AND: '&',
  OR: '|',
  XOR: '^',
};

/** @returns the operator that BINARY_x or INPLACE_x stands for, followed by = if it is in place */
export function operatorOf(instruction: string): string | undefined {
  const [, kind, name] = /^(BINARY|INPLACE)_(\w+)$/.exec(instruction) ?? [];
  const operator = Object.hasOwn(NAMES, name ?? '') ? NAMES[name] : undefined;
  return operator === undefined ? undefined : `${operator}${kind === 'INPLACE' ? '=' : ''}`;
}

/** The methods by which a class of the program may define operators. */
export const OPERATOR_METHODS: Readonly<Record<string, string>> = {
  '+': '__add__',
  '-': '__sub__',
  '*': '__mul__',
  '//': '__floordiv__',
  '/': '__truediv__',
  '%': '__mod__',
  '&': '__and__',
  '|': '__or__',
  '^': '__xor__',
  '<': '__lt__',
  '<=': '__le__',
  '==': '__eq__',
  '!=': '__ne__',
  '>': '__gt__',
  '>=': '__ge__',
};

/** @throws Unsupported if an int exceeds the range in which JavaScript's are exact */
export function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Unsupported(`an int of more than 53 bits`);
  return value === 0 ? 0 : value;
}

function integers(operator: string, left: number, right: number): Value {
  switch (operator) {
    case '+':
      return exact(left + right);
    case '-':
      return exact(left - right);
    case '*':
      return exact(left * right);
    case '//':
      if (right === 0) throw raised('ZeroDivisionError', 'integer division or modulo by zero');
      return exact(Math.floor(left / right));
    case '%':
      if (right === 0) throw raised('ZeroDivisionError', 'integer modulo by zero');
      return exact(left - right * Math.floor(left / right));
    case '/':
      if (right === 0) throw raised('ZeroDivisionError', 'division by zero');
      return new Float(left / right);
    case '**':
      return right < 0 ? new Float(left ** right) : exact(left ** right);
    default:
      return bits(operator, BigInt(left), BigInt(right));
  }
}

function bits(operator: string, left: bigint, right: bigint): Value {
  switch (operator) {
    case '&':
      return Number(left & right);
    case '|':
      return Number(left | right);
    case '^':
      return Number(left ^ right);
    case '<<':
      return exact(right > 60n ? Number.NaN : Number(left << right));
    case '>>':
      return Number(left >> right);
    default:
      throw new Unsupported(`the operator ${operator}`);
  }
}

/**
 * @param operator followed by = if it is to change the left operand, if possible
 * @throws Raised TypeError if there is no such operation
 */
export function binary(operator: string, left: Value, right: Value): Value {
  for (const side of [left, right]) if (side instanceof Unpredictable) return side;
  const inPlace = operator.endsWith('=');
  const plain = inPlace ? operator.slice(0, -1) : operator;
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) {
    if (left instanceof Float || right instanceof Float) return floats(plain, a, b);
    if (typeof left === 'boolean' && typeof right === 'boolean' && '&|^'.includes(plain)) {
      return Boolean(integers(plain, a, b));
    }
    return integers(plain, a, b);
  }
  if (plain === '+') {
    if (typeof left === 'string' && typeof right === 'string') return left + right;
    if (left instanceof Tuple && right instanceof Tuple) return new Tuple([...left.items, ...right.items]);
    if (left instanceof List && (inPlace || right instanceof List)) {
      const items = itemsOf(right);
      if (!inPlace) return new List([...left.items, ...items]);
      left.extend(items);
      return left;
    }
  }
  if (plain === '*' && typeof right === 'number') {
    if (typeof left === 'string') return left.repeat(Math.max(0, right));
    if (left instanceof List || left instanceof Tuple) {
      const items = Array.from({ length: Math.max(0, right) }, () => left.items).flat();
      if (left instanceof Tuple) return new Tuple(items);
      if (!inPlace) return new List(items);
      left.replace(items);
      return left;
    }
  }
  if (plain === '%' && typeof left === 'string') return percentFormat(left, right);
  if (left instanceof PySet && right instanceof PySet) return sets(plain, left, right, inPlace);
  if (plain === '|' && left instanceof Dict && right instanceof Dict) {
    const into = inPlace ? left : new Dict(new Map(left.items), left.factory);
    for (const [hash, [key, value]] of right.items) into.items.set(hash, [into.items.get(hash)?.[0] ?? key, value]);
    return into;
  }
  // An annotation such as `int | None`.
  if (plain === '|' && left instanceof PyClass) return left;
  if (left instanceof Deque || right instanceof Deque) throw new Unsupported(`${operator} of a deque`);
  throw raised(
    'TypeError',
    `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`,
  );
}

function floats(operator: string, left: number, right: number): Value {
  if ('//%'.includes(operator) && right === 0) throw raised('ZeroDivisionError', 'float division by zero');
  switch (operator) {
    case '+':
      return new Float(left + right);
    case '-':
      return new Float(left - right);
    case '*':
      return new Float(left * right);
    case '/':
      return new Float(left / right);
    case '//':
      return new Float(Math.floor(left / right));
    case '%':
      return new Float(left - right * Math.floor(left / right));
    case '**':
      return new Float(left ** right);
    default:
      throw raised('TypeError', `unsupported operand type(s) for ${operator}: 'float'`);
  }
}

function sets(operator: string, left: PySet, right: PySet, inPlace: boolean): Value {
  const items = new Map(left.items);
  if (operator === '|') for (const [hash, item] of right.items) items.set(hash, item);
  else if (operator === '&') for (const hash of left.items.keys()) !right.items.has(hash) && items.delete(hash);
  else if (operator === '-') for (const hash of right.items.keys()) items.delete(hash);
  else if (operator === '^') {
    for (const [hash, item] of right.items) {
      if (!items.delete(hash)) items.set(hash, item);
    }
  } else throw raised('TypeError', `unsupported operand type(s) for ${operator}: 'set' and 'set'`);
  if (!inPlace) return new PySet(items);
  left.items.clear();
  for (const [hash, item] of items) left.items.set(hash, item);
  return left;
}

export function compare(operator: string, left: Value, right: Value): boolean {
  refuseUnpredictable(left, right);
  if (operator === '==') return isEqual(left, right);
  if (operator === '!=') return !isEqual(left, right);
  const [a, b] = [orderedBy(left), orderedBy(right)];
  if (typeof a === 'number' && typeof b === 'number') return ordered(operator, a - b);
  if (typeof a === 'string' && typeof b === 'string') return ordered(operator, a < b ? -1 : Number(a > b));
  if ((left instanceof List && right instanceof List) || (left instanceof Tuple && right instanceof Tuple)) {
    const at = left.items.findIndex((item, i) => i >= right.items.length || !isEqual(item, right.items[i]));
    if (at === -1) return ordered(operator, left.items.length - right.items.length);
    return at >= right.items.length ? ordered(operator, 1) : compare(operator, left.items[at], right.items[at]);
  }
  if (left instanceof PySet && right instanceof PySet) {
    const within = (a: PySet, b: PySet): boolean => [...a.items.keys()].every((hash) => b.items.has(hash));
    if (operator.length === 1 && left.items.size === right.items.size) return false;
    return operator.startsWith('<') ? within(left, right) : within(right, left);
  }
  if (left instanceof Deque && right instanceof Deque) throw new Unsupported(`${operator} of deques`);
  throw raised(
    'TypeError',
    `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
  );
}

const orderedBy = (value: Value): number | string | undefined => (typeof value === 'string' ? value : numberOf(value));

function ordered(operator: string, difference: number): boolean {
  if (operator === '<') return difference < 0;
  if (operator === '<=') return difference <= 0;
  return operator === '>' ? difference > 0 : difference >= 0;
}

export function contains(container: Value, item: Value): boolean {
  if (container instanceof Dict || container instanceof PySet) return container.items.has(hashOf(item));
  if (container instanceof List || container instanceof Tuple || container instanceof Deque) {
    return container.items.some((each) => isEqual(each, item));
  }
  if (typeof container === 'string' && typeof item === 'string') return container.includes(item);
  if (container instanceof Range || container instanceof View) {
    return itemsOf(container).some((each) => isEqual(each, item));
  }
  if (container instanceof Instance && container.type.find('__iter__') !== undefined) {
    throw new Unsupported(`in, of ${withArticle(container.type.name)}, whose class has __iter__`);
  }
  throw raised('TypeError', `argument of type '${typeName(container)}' is not iterable`);
}

/** The position of an index in a list; a negative one counts from the end. */
function place(container: List | Tuple | Deque, key: Value, what: string): number {
  const index = typeof key === 'boolean' ? Number(key) : key;
  if (typeof index !== 'number') throw raised('TypeError', `${what} indices must be integers or slices`);
  const at = index < 0 ? index + container.items.length : index;
  if (at < 0 || at >= container.items.length) throw raised('IndexError', `${what} index out of range`);
  return at;
}

export function getItem(container: Value, key: Value): Value {
  if (container instanceof Dict) {
    const item = container.items.get(hashOf(key));
    if (item === undefined) throw raised('KeyError', key);
    return item[1];
  }
  if (key instanceof Slice) return slice(container, key);
  if (container instanceof List || container instanceof Tuple || container instanceof Deque) {
    return container.items[place(container, key, typeName(container))];
  }
  if (container instanceof Range && typeof key === 'number')
    return itemsOf(container)[place(new List([...itemsOf(container)]), key, 'range object')];
  // An annotation such as `list[int]`.
  if (container instanceof PyClass && container.builtin) return container;
  if (typeof container === 'string' && typeof key === 'number') {
    const item = [...container].at(key);
    if (item === undefined) throw raised('IndexError', 'string index out of range');
    return item;
  }
  throw raised('TypeError', `'${typeName(container)}' object is not subscriptable`);
}

/** @returns the positions that a slice stands for */
function placesOf({ start, stop, step }: Slice, length: number): number[] {
  if (step === 0) throw raised('ValueError', 'slice step cannot be zero');
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const within = (at: number): number => Math.min(most, Math.max(least, at < 0 ? at + length : at));
  const places: number[] = [];
  const end = stop === null ? (step > 0 ? length : -1) : within(stop);
  for (
    let at = start === null ? (step > 0 ? 0 : length - 1) : within(start);
    step > 0 ? at < end : at > end;
    at += step
  )
    places.push(at);
  return places;
}

function slice(container: Value, key: Slice): Value {
  if (typeof container === 'string') {
    const letters = [...container];
    return placesOf(key, letters.length)
      .map((at) => letters[at])
      .join('');
  }
  if (container instanceof List || container instanceof Tuple) {
    const items = placesOf(key, container.items.length).map((at) => container.items[at]);
    return container instanceof List ? new List(items) : new Tuple(items);
  }
  if (container instanceof Range) throw new Unsupported('a slice of a range');
  throw raised('TypeError', `'${typeName(container)}' object is not subscriptable`);
}

/** Replaces a slice with other items, or none. */
function replace(container: Value, key: Slice, items: readonly Value[]): void {
  if (!(container instanceof List))
    throw new Unsupported(`a slice of ${withArticle(typeName(container))} that is changed`);
  if (key.step !== 1) throw new Unsupported('a slice with a step that is changed');
  const places = placesOf(key, container.items.length);
  const [at = placesOf(new Slice(key.start, null, 1), container.items.length)[0] ?? container.items.length] = places;
  const { items: before } = container;
  container.replace([...before.slice(0, at), ...items, ...before.slice(at + places.length)]);
}

export function setItem(container: Value, key: Value, value: Value): void {
  if (container instanceof Dict) {
    const hash = hashOf(key);
    const known = container.items.get(hash);
    container.items.set(hash, [known?.[0] ?? key, value]);
  } else if (key instanceof Slice) replace(container, key, [...itemsOf(value)]);
  else if (container instanceof List || container instanceof Deque) {
    container.items[place(container, key, `${typeName(container)} assignment`)] = value;
  } else throw raised('TypeError', `'${typeName(container)}' object does not support item assignment`);
}

export function deleteItem(container: Value, key: Value): void {
  if (container instanceof Dict) {
    if (!container.items.delete(hashOf(key))) throw raised('KeyError', key);
  } else if (key instanceof Slice) replace(container, key, []);
  else if (container instanceof List || container instanceof Deque) {
    container.items.splice(place(container, key, `${typeName(container)} assignment`), 1);
  } else throw raised('TypeError', `'${typeName(container)}' object doesn't support item deletion`);
}

export function unary(name: string, value: Value): Value {
  if (name === 'UNARY_NOT') return !isTrue(value);
  const number = numberOf(value);
  if (number === undefined) throw raised('TypeError', `bad operand type for unary operator: '${typeName(value)}'`);
  if (value instanceof Float) return name === 'UNARY_NEGATIVE' ? new Float(-number) : value;
  if (name === 'UNARY_NEGATIVE') return exact(-number);
  return name === 'UNARY_INVERT' ? exact(-number - 1) : number;
}
