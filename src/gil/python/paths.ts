/** How a value is named from outside: `x`, `o.v`, `d['k']`, `l[0]`, `len(l)`. */

import { checkArray, checkString } from '../../core/arguments.js';
import { withArticle } from '../../core/article.js';
import { lengthOf, repr } from './objects.js';
import { getItem } from './operators.js';
import { THREAD } from './thread-class.js';
import { Instance, Raised } from './values/classes.js';
import { Dict, List, Tuple } from './values/containers.js';
import type { Sync } from './values/sync.js';
import type { Value } from './values/value.js';

const PART = /\.([A-Za-z_]\w*)|\[(-?\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/y;
const PATH = /^(len\()?([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[-?\d+\]|\['[^']*'\]|\["[^"]*"\])*)(\))?$/;

/** What is asked for at the end of a run. */
export interface Path {
  readonly text: string;
  readonly name: string;
  readonly steps: readonly (readonly [kind: 'attribute' | 'item', key: string | number])[];
  readonly length: boolean;
}

/**
 * @param results what is asked for
 * @throws TypeError when it is not a list of strings; RangeError when one of them names no result
 */
export function parsePaths(results: readonly string[]): Path[] {
  checkArray('results', results);
  return results.map(parsePath);
}

/**
 * @param text a global name, followed by attributes, and items by a number or a string; optionally all in len()
 * @throws RangeError when it has another form
 */
function parsePath(text: string): Path {
  checkString('a result', text);
  const [all, opened, name, rest, closed] = PATH.exec(text.trim()) ?? [];
  if (all === undefined || (opened === undefined) !== (closed === undefined)) {
    throw new RangeError(`'${text}' names no result: write x, o.v, d['k'], l[0] or len(l)`);
  }
  const steps: [kind: 'attribute' | 'item', key: string | number][] = [];
  PART.lastIndex = 0;
  for (let match = PART.exec(rest); match !== null; match = PART.exec(rest)) {
    const [, attribute, index, quoted, doubled] = match;
    if (attribute !== undefined) steps.push(['attribute', attribute]);
    else steps.push(['item', index === undefined ? (quoted ?? doubled) : Number(index)]);
  }
  return { text: text.trim(), name, steps, length: opened !== undefined };
}

/** @returns how Python shows the value; if there is none, a text in angle brackets that says so */
export function read(path: Path, globals: ReadonlyMap<string, Value>): string {
  let value = globals.get(path.name);
  try {
    for (const [kind, key] of path.steps) {
      if (value === undefined) break;
      if (kind === 'item') value = getItem(value, key);
      else value = value instanceof Instance ? value.attributes.get(String(key)) : undefined;
    }
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    value = undefined;
  }
  if (value === undefined) return '<nothing>';
  if (!path.length) return repr(value);
  return String(lengthOf(value) ?? '<no length>');
}

/** How deep a lock may lie for its name to be found. */
const DEEPEST = 3;

/** @returns the program's name for a lock: a global name, or the attributes and items that lead to it from one */
export function nameOf(sync: Sync, globals: ReadonlyMap<string, Value>): string {
  let level: [path: string, value: Value][] = [...globals];
  for (let depth = 0; depth <= DEEPEST; depth++) {
    for (const [path, value] of level) if (value === sync) return path;
    level = level.flatMap(([path, value]) =>
      partsOf(value).map(([part, each]): [string, Value] => [`${path}${part}`, each]),
    );
  }
  return withArticle(sync.kind);
}

function partsOf(value: Value): [path: string, value: Value][] {
  if (value instanceof Instance) {
    return [...value.attributes].map(([name, each]) => [name === THREAD ? '' : `.${name}`, each]);
  }
  if (value instanceof List || value instanceof Tuple) {
    const items: readonly Value[] = value.items;
    return items.map((each, at) => [`[${at}]`, each]);
  }
  if (value instanceof Dict) return [...value.items.values()].map(([key, each]) => [`[${repr(key)}]`, each]);
  return [];
}
