/**
 * CPython's instructions, from 3.9 to 3.13, by name. If a version changed the meaning of a name, or the order of the
 * stack, the instruction asks which version it is.
 */
import { attributes } from './attributes.js';
import { CALLS } from './calls.js';
import { containers, texts } from './containers.js';
import { definitions } from './definitions.js';
import { EXCEPTION_INSTRUCTIONS } from './exceptions.js';
import type { Table } from './handler.js';
import { iteration } from './iteration.js';
import { matching } from './matching.js';
import { operators } from './operators.js';
import { jumps, stack } from './stack.js';
import { variables } from './variables.js';

export const INSTRUCTIONS: Table = {
  ...variables,
  ...stack,
  ...jumps,
  ...operators,
  ...attributes,
  ...containers,
  ...texts,
  ...iteration,
  ...definitions,
  ...matching,
  ...CALLS,
  ...EXCEPTION_INSTRUCTIONS,
};
