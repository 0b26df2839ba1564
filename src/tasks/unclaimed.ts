/** What happens to the error of a function whose starter has ended, and so will not ask for it. */
import { print } from '../core/thrown.js';

/** The thread whose error it is. */
interface Culprit {
  readonly name: string;
  readonly ident: number;
  readonly daemon: boolean;
}

type Teller = (error: unknown, culprit: Culprit) => void;

const printed: Teller = (error, { name }) => {
  console.error(`Exception in ${name}:`);
  print(error);
};

let teller = printed;

/** Sets how this agent handles such errors; by default they are printed. */
export function tellUnclaimed(instead: Teller): void {
  teller = instead;
}

export const unclaimed: Teller = (error, culprit) => teller(error, culprit);
