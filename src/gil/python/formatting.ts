/** Formatting of values: of f-strings and str.format, and of the operator %. */
import { withArticle } from '../../core/article.js';
import { itemsOf } from './iterating.js';
import { numberOf, raised, repr, str, typeName } from './objects.js';
import { Instance } from './values/classes.js';
import { Float, Tuple } from './values/containers.js';
import { Unpredictable } from './values/unpredictable.js';
import { Unsupported } from './values/unsupported.js';
import type { Value } from './values/value.js';

const SPEC = /^(?:(.)?([<>^=]))?([+])?(0)?(\d+)?(,)?(?:\.(\d+))?([sdfxXob%])?$/su;
const RADIX: Readonly<Record<string, number>> = { x: 16, X: 16, o: 8, b: 2 };

/**
 * @param spec the part after the colon in an f-string
 * @throws Unsupported if the format is not supported
 */
export function formatted(value: Value, spec: string): string {
  if (value instanceof Instance && value.type.find('__format__') !== undefined) {
    throw new Unsupported(`the text of ${withArticle(value.type.name)}, whose class has __format__`);
  }
  if (spec === '' || value instanceof Unpredictable) return str(value);
  const match = SPEC.exec(spec);
  if (match === null) throw new Unsupported(`the format '${spec}'`);
  const [, fill = ' ', align, sign, zero, width = '0', commas, digits, kind] = match;
  const number = typeof value === 'string' ? undefined : numberOf(value);
  const text = number === undefined ? str(value) : numberText(value, number, digits, kind, commas);
  const shown = number !== undefined && number >= 0 && sign !== undefined ? `+${text}` : text;
  const cut = number === undefined && digits !== undefined ? [...shown].slice(0, Number(digits)).join('') : shown;
  const missing = Math.max(0, Number(width) - [...cut].length);
  if (align === '=' || (zero !== undefined && align === undefined && number !== undefined)) {
    const [, minus = '', rest = ''] = /^([+-]?)(.*)$/s.exec(cut) ?? [];
    return minus + (align === '=' ? fill : '0').repeat(missing) + rest;
  }
  const side = align ?? (number === undefined ? '<' : '>');
  const before = side === '>' ? missing : side === '^' ? Math.floor(missing / 2) : 0;
  return fill.repeat(before) + cut + fill.repeat(missing - before);
}

function numberText(value: Value, number: number, digits?: string, kind?: string, commas?: string): string {
  if (kind === 's') throw raised('ValueError', `Unknown format code 's' for object of type '${typeName(value)}'`);
  if (kind !== undefined && Object.hasOwn(RADIX, kind)) {
    const text = number.toString(RADIX[kind]);
    return kind === 'X' ? text.toUpperCase() : text;
  }
  if (kind === '%') return `${(100 * number).toFixed(Number(digits ?? 6))}%`;
  if (kind === 'f') return apart(number.toFixed(Number(digits ?? 6)), commas);
  if (value instanceof Float && (kind === 'd' || digits !== undefined)) throw new Unsupported('this format of a float');
  return apart(typeof value === 'boolean' ? String(number) : repr(value), commas);
}

const apart = (text: string, commas?: string): string =>
  commas === undefined ? text : text.replace(/\d(?=(\d{3})+(?!\d))(?<!\.\d*)/g, '$&,');

/** str.format: {} in turn, {0} by position, {name}, each with an optional format after a colon. */
export function templated(text: string, args: readonly Value[], keywords: ReadonlyMap<string, Value>): string {
  let next = 0;
  return text.replaceAll(/\{\{|\}\}|\{([^{}:!]*)(!r)?(?::([^{}]*))?\}/g, (all, name = '', quoted, spec = '') => {
    if (all === '{{' || all === '}}') return all[0];
    if (!/^\w*$/.test(name)) throw new Unsupported(`'${all}' in a format`);
    const value = /^\d*$/.test(name) ? args[name === '' ? next++ : Number(name)] : keywords.get(name);
    if (value === undefined) throw raised('IndexError', 'Replacement index out of range for positional args tuple');
    return formatted(quoted === undefined ? value : repr(value), spec);
  });
}

/** The % of strings. */
export function percentFormat(text: string, value: Value): string {
  const args = value instanceof Tuple ? [...itemsOf(value)] : [value];
  const all = text.replaceAll(/%(-?)(0?\d*(?:\.\d+)?)([sdrfx%])|%/g, (whole, left, spec, kind) => {
    if (kind === undefined) throw new Unsupported(`'${text}' as a format`);
    if (kind === '%') return '%';
    const arg = args.shift();
    if (arg === undefined) throw raised('TypeError', 'not enough arguments for format string');
    if (kind === 'r') return formatted(repr(arg), `${left === '' ? '>' : '<'}${spec}`);
    const shown = kind === 's' ? str(arg) : kind === 'd' && arg instanceof Float ? Math.trunc(arg.value) : arg;
    if (kind !== 's' && numberOf(arg) === undefined) {
      throw raised('TypeError', `%${kind} format: a real number is required, not ${typeName(arg)}`);
    }
    return whole.length === 2 && kind !== 'f'
      ? str(shown)
      : formatted(shown, `${left === '' ? (spec.startsWith('0') ? '' : '>') : '<'}${spec}${kind === 's' ? '' : kind}`);
  });
  if (args.length > 0) throw raised('TypeError', 'not all arguments converted during string formatting');
  return all;
}
