/** What declared values must be: rules for the fields of an object, and the error that names the field. */
import { ScenarioError } from './errors.js';
import { misspelt } from './nearest.js';

/** What a declared value must be, and how to say so. */

export interface Rule {
  readonly is: (value: unknown) => boolean;
  readonly wanted: string;
}

export const FUNCTION: Rule = { is: (value) => typeof value === 'function', wanted: 'a function' };
export const BOOLEAN: Rule = { is: (value) => typeof value === 'boolean', wanted: 'true or false' };
export const OBJECT: Rule = { is: (value) => typeof value === 'object' && value !== null, wanted: 'an object' };
export const LIST: Rule = { is: Array.isArray, wanted: 'a list' };
export const TEXT: Rule = { is: (value) => typeof value === 'string' && value !== '', wanted: 'a name' };
export const FINITE: Rule = { is: Number.isFinite, wanted: 'a number' };
export const WORD: Rule = {
  is: (value) => Number.isInteger(value) && value === (Number(value) | 0),
  wanted: 'a 32-bit integer',
};

export const wholeFrom = (least: number): Rule => ({
  is: (value) => Number.isInteger(value) && Number(value) >= least,
  wanted: `a whole number from ${least}`,
});
export const countFrom = (least: number): Rule => ({
  is: (value) => value === Infinity || wholeFrom(least).is(value),
  wanted: `a whole number from ${least}, or Infinity`,
});
export const either = (one: Rule, other: Rule): Rule => ({
  is: (value) => one.is(value) || other.is(value),
  wanted: `${one.wanted} or ${other.wanted}`,
});
export const POSITIVE: Rule = { is: (value) => typeof value === 'number' && value > 0, wanted: 'a number above 0' };

/** A rule for each field. */
export type Rules<T> = Readonly<Record<keyof T & string, Rule>>;

/**
 * Checks an object against its rules.
 *
 * @param what - What to call the object.
 * @param given - The object.
 * @param rules - What each of its fields must be, if given.
 * @throws ScenarioError if a field has no rule or breaks it.
 */
export function hold(what: string, given: unknown, rules: Readonly<Record<string, Rule>>): void {
  if (!OBJECT.is(given)) throw new ScenarioError(`${what} must be an object, not ${show(given)}`);
  const wrong = misspelt(given as object, Object.keys(rules));
  if (wrong !== undefined) throw new ScenarioError(`${what} has no field ${wrong}`);
  for (const [field, value] of Object.entries(given as object)) {
    const { is, wanted } = rules[field];
    if (value !== undefined && !is(value))
      throw new ScenarioError(`${what}: ${field} must be ${wanted}, not ${show(value)}`);
  }
}

/** A value in a message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
