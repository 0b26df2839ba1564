/** What a `class` statement makes of the names that its body has defined. */
import { objectClass } from '../objects.js';
import { PyClass } from '../values/classes.js';
import type { Tuple } from '../values/containers.js';
import { Cell, type Frame } from '../values/frames.js';
import { Unsupported } from '../values/unsupported.js';

/** Methods that would break the machine's assumptions. */
const SPECIAL = ['__getattr__', '__getattribute__', '__setattr__', '__del__'];

/**
 * @param names what the body has defined
 * @param head the class's name and its bases
 */
export function classOf(names: Frame['names'], { items: [name, ...bases] }: Tuple): PyClass {
  const parents = bases.filter((base) => base instanceof PyClass);
  const attributes = new Map(names);
  const cell = attributes.get('__classcell__');
  attributes.delete('__classcell__');
  const special = [...attributes.keys()].find((each) => SPECIAL.includes(each));
  if (parents.length < bases.length) throw new Unsupported('a base that is not a class');
  if (special !== undefined) throw new Unsupported(`a class with ${special}`);
  const made = new PyClass(String(name), parents.length === 0 ? [objectClass] : parents, attributes);
  if (cell instanceof Cell) cell.value = made;
  return made;
}
