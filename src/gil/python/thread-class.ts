/** threading.Thread as a base class for programs: its objects have a thread beside their attributes. */
import { ownMethod, raised, TYPES } from './objects.js';
import { syncMethods } from './sync-methods.js';
import { Instance, type PyClass } from './values/classes.js';
import { type Call, Native } from './values/natives.js';
import { Sync } from './values/sync.js';
import type { Value } from './values/value.js';

/** The attribute in which such an object keeps its thread; no program can name it. */
export const THREAD = '<thread>';

function threadOf(self: Value): Sync {
  const thread = self instanceof Instance ? self.attributes.get(THREAD) : self;
  if (!(thread instanceof Sync)) throw raised('RuntimeError', 'thread.__init__() not called');
  return thread;
}

/** @param fill takes the arguments of Thread */
export function defineThreadClass(fill: (made: Sync, args: readonly Value[], call: Call) => void): void {
  const { attributes } = TYPES.get('Thread') as PyClass;
  const init = (call: Call): null => {
    const [self, ...args] = call.args;
    const thread = new Sync('Thread');
    fill(thread, args, call);
    if (self instanceof Instance) self.attributes.set(THREAD, thread);
    return null;
  };
  attributes.set('__init__', new Native('Thread.__init__', init, true));
  for (const [name, method] of syncMethods(new Sync('Thread'))) {
    const run = (call: Call): ReturnType<Native['call']> => {
      const [self, ...args] = call.args;
      const thread = threadOf(self);
      if (name === 'start') thread.target = ownMethod(self, 'run') ?? thread.target;
      return method.call({ ...call, args: [thread, ...args] });
    };
    attributes.set(name, new Native(`Thread.${name}`, run, true));
  }
}
