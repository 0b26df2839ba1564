/** What operators, comparisons and subscripts do with values of Python's own types. */
import { hashOf, isEqual, isTrue, lengthOf, numberOf, raised, repr, str, typeName } from './objects.js';
import { Deque, Dict, Float, List, PySet, Range, Slice, Tuple, Unsupported, type Value } from './values.js';

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

/** @returns the operator that BINARY_x or INPLACE_x stands for, with = behind it where it is in place */
export function operatorOf(instruction: string): string | undefined {
  const [, kind, name] = /^(BINARY|INPLACE)_(\w+)$/.exec(instruction) ?? [];
  const operator = Object.hasOwn(NAMES, name ?? '') ? NAMES[name] : undefined;
  return operator === undefined ? undefined : `${operator}${kind === 'INPLACE' ? '=' : ''}`;
}

/** The methods that a class of the program may have for operators. */
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

/** @throws Unsupported where an int is greater than JavaScript's are exact */
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
 * @param operator with = behind it where it is to change the left one, if that can be
 * @throws Raised TypeError where there is no such operation
 */
export function binary(operator: string, left: Value, right: Value): Value {
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
      left.items.push(...items);
      return left;
    }
  }
  if (plain === '*' && typeof right === 'number') {
    if (typeof left === 'string') return left.repeat(Math.max(0, right));
    if (left instanceof List || left instanceof Tuple) {
      const items = Array.from({ length: Math.max(0, right) }, () => left.items).flat();
      if (left instanceof Tuple) return new Tuple(items);
      if (!inPlace) return new List(items);
      left.items.splice(0, left.items.length, ...items);
      return left;
    }
  }
  if (plain === '%' && typeof left === 'string') return format(left, right);
  if (left instanceof PySet && right instanceof PySet) return sets(plain, left, right, inPlace);
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
  else throw new Unsupported(`${operator} of sets`);
  if (!inPlace) return new PySet(items);
  left.items.clear();
  for (const [hash, item] of items) left.items.set(hash, item);
  return left;
}

/** The % of strings, of %s, %d and %r. */
function format(text: string, value: Value): string {
  const args = value instanceof Tuple ? [...value.items] : [value];
  return text.replaceAll(/%([sdr%])/g, (_, kind: string) => {
    if (kind === '%') return '%';
    const arg = args.shift();
    if (arg === undefined) throw raised('TypeError', 'not enough arguments for format string');
    return kind === 'r' ? repr(arg) : str(arg);
  });
}

export function compare(operator: string, left: Value, right: Value): boolean {
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
  if (left instanceof PySet && right instanceof PySet) throw new Unsupported(`${operator} of sets`);
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
  if (container instanceof Range && typeof item === 'number') return itemsOf(container).includes(item);
  throw raised('TypeError', `argument of type '${typeName(container)}' is not iterable`);
}

/** @returns the items of a container, which C code takes as a whole */
export function itemsOf(container: Value): readonly Value[] {
  if (container instanceof List || container instanceof Tuple || container instanceof Deque) return container.items;
  if (container instanceof Dict) return [...container.items.values()].map(([key]) => key);
  if (container instanceof PySet) return [...container.items.values()];
  if (typeof container === 'string') return [...container];
  if (container instanceof Range) {
    return Array.from({ length: lengthOf(container) ?? 0 }, (_, i) => container.start + i * container.step);
  }
  throw raised('TypeError', `'${typeName(container)}' object is not iterable`);
}

/** The place of an index in a list; a negative one counts from the end. */
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
  if (typeof container === 'string' && typeof key === 'number') {
    const item = [...container].at(key);
    if (item === undefined) throw raised('IndexError', 'string index out of range');
    return item;
  }
  throw raised('TypeError', `'${typeName(container)}' object is not subscriptable`);
}

function slice(container: Value, { start, stop }: Slice): Value {
  const [from, to] = [start ?? 0, stop ?? undefined];
  if (typeof container === 'string') return [...container].slice(from, to).join('');
  if (container instanceof List) return new List(container.items.slice(from, to));
  if (container instanceof Tuple) return new Tuple(container.items.slice(from, to));
  throw raised('TypeError', `'${typeName(container)}' object is not subscriptable`);
}

export function setItem(container: Value, key: Value, value: Value): void {
  if (container instanceof Dict) {
    const hash = hashOf(key);
    const known = container.items.get(hash);
    container.items.set(hash, [known?.[0] ?? key, value]);
  } else if (key instanceof Slice) throw new Unsupported('a slice that is assigned to');
  else if (container instanceof List || container instanceof Deque) {
    container.items[place(container, key, `${typeName(container)} assignment`)] = value;
  } else throw raised('TypeError', `'${typeName(container)}' object does not support item assignment`);
}

export function deleteItem(container: Value, key: Value): void {
  if (container instanceof Dict) {
    if (!container.items.delete(hashOf(key))) throw raised('KeyError', key);
  } else if (container instanceof List || container instanceof Deque) {
    if (key instanceof Slice) throw new Unsupported('a slice that is deleted');
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
