/** The form in which instructions are written: a table from CPython's names to what they do. */
import type { Context, Looked } from '../context.js';
import type { Instruction } from '../values/code.js';
import type { Frame } from '../values/frames.js';

/** @returns why the eval breaker is checked, if that depends on what was called; undefined for the instruction's usual check */
export type Handler = (machine: Context, frame: Frame, instruction: Instruction) => Looked | undefined;

export type Table = Readonly<Record<string, Handler>>;
/** An instruction that never decides by itself whether there is a check. */
export type Plain = (frame: Frame, instruction: Instruction, machine: Context) => void;

export const plain = (table: Readonly<Record<string, Plain>>): Table =>
  Object.fromEntries(
    Object.entries(table).map(([name, run]): [string, Handler] => [
      name,
      (machine, frame, instruction) => {
        run(frame, instruction, machine);
        return undefined;
      },
    ]),
  );
export const nothing: Plain = () => {};

/** Up to 3.10 the stack and the instructions differ. */
export const isOld = ({ rules: { version } }: Context): boolean => version === '3.9' || version === '3.10';
