/** Code objects. */
import type { ListedHandler } from '../listing.js';
import { Constant, type Value } from './value.js';

export interface Instruction {
  readonly name: string;
  readonly argument: number;
  /** A jump's target. */
  readonly target: number;
  /** A name or an operator. */
  readonly text: string;
  /** Both names of an instruction that stands for two, or the names of keywords. */
  readonly texts: readonly string[];
  readonly line: number;
}

/** A code object, prepared to run by code.ts. */
export class Code extends Constant {
  readonly name: string;
  readonly line: number;
  readonly positional: number;
  readonly keywordOnly: number;
  readonly flags: number;
  readonly locals: readonly string[];
  readonly cells: readonly string[];
  readonly free: readonly string[];
  readonly constants: readonly Value[];
  readonly instructions: readonly Instruction[];
  readonly handlers: readonly ListedHandler[];
  /** The index of each local, by its name. */
  readonly places: ReadonlyMap<string, number>;
  /** The index of each cell or free variable among a frame's cells, by its name. */
  readonly cellPlaces: ReadonlyMap<string, number>;

  constructor(parts: Omit<Code, 'id' | 'places' | 'cellPlaces'>) {
    super();
    this.name = parts.name;
    this.line = parts.line;
    this.positional = parts.positional;
    this.keywordOnly = parts.keywordOnly;
    this.flags = parts.flags;
    this.locals = parts.locals;
    this.cells = parts.cells;
    this.free = parts.free;
    this.constants = parts.constants;
    this.instructions = parts.instructions;
    this.handlers = parts.handlers;
    this.places = new Map(parts.locals.map((name, at) => [name, at]));
    this.cellPlaces = new Map([...parts.cells, ...parts.free].map((name, at) => [name, at]));
  }
}

/** A constant of a kind that the machine does not know: an error only if it is used. */
export class UnknownConstant extends Constant {
  constructor(readonly text: string) {
    super();
  }
}
