/** Attributes: of objects, classes, modules and Python's own types. */
import { withArticle } from '../../core/article.js';
import { methodOf } from './methods.js';
import {
  isException,
  isExceptionClass,
  newException,
  objectClass,
  raised,
  TYPES,
  typeName,
  typeOf,
} from './objects.js';
import { THREAD } from './thread-class.js';
import { Instance, Module, Property, PyClass, Super, Wrapped } from './values/classes.js';
import { Tuple } from './values/containers.js';
import { Bound, Func } from './values/frames.js';
import { BoundNative, Native } from './values/natives.js';
import { Sync } from './values/sync.js';
import { Unsupported } from './values/unsupported.js';
import type { Value } from './values/value.js';

/** @returns an attribute's value; a Property if a getter is to be called for it */
export function getAttribute(self: Value, name: string): Value {
  const value = find(self, name);
  if (value !== undefined) return value;
  throw raised('AttributeError', `'${typeName(self)}' object has no attribute '${name}'`);
}

function find(self: Value, name: string): Value | undefined {
  if (self instanceof Module) {
    const member = self.members.get(name);
    if (member === undefined) throw new Unsupported(`${self.name}.${name}`);
    return member;
  }
  if (self instanceof Instance) {
    const inClass = self.type.find(name);
    if (inClass instanceof Property) return inClass;
    // None is null, and a valid attribute value.
    const own = self.attributes.get(name);
    return own === undefined ? orSpecial(bound(inClass, self, self.type), self, name) : own;
  }
  if (self instanceof Super) return ofSuper(self, name);
  if (self instanceof PyClass) return orSpecial(bound(self.find(name), undefined, self), self, name);
  return methodOf(self, name) ?? special(self, name);
}

function bound(value: Value | undefined, self: Value | undefined, type: PyClass): Value | undefined {
  if (value instanceof Func && self !== undefined) return new Bound(value, self);
  if (value instanceof Native && self !== undefined) return new BoundNative(value, self);
  if (!(value instanceof Wrapped)) return value;
  return value.kind === 'classmethod' && value.func instanceof Func ? new Bound(value.func, type) : value.func;
}

function ofSuper({ after, self }: Super, name: string): Value | undefined {
  const type = self instanceof PyClass ? self : typeOf(self);
  const next = type.mro.slice(type.mro.indexOf(after) + 1).find(({ attributes }) => attributes.has(name));
  const value = next?.attributes.get(name);
  if (value instanceof Property) return value;
  const found = bound(value, self instanceof PyClass ? undefined : self, type);
  if (found === undefined && name === '__new__') return NEW;
  return found === undefined && name === '__init__' ? new BoundNative(INIT, self) : orSpecial(found, self, name);
}

/** What object.__init__ and BaseException.__init__ do. */
const INIT = new Native('object.__init__', ({ args: [self, ...rest] }) => {
  if (isException(self)) self.attributes.set('args', new Tuple(rest));
  return null;
});

/** What object.__new__ does. */
const NEW = new Native('object.__new__', ({ args: [type, ...rest] }) => {
  if (!(type instanceof PyClass)) throw raised('TypeError', 'object.__new__(X): X is not a type object');
  return isExceptionClass(type) ? newException(type, rest) : new Instance(type, new Map());
});

const orSpecial = (value: Value | undefined, self: Value, name: string): Value | undefined =>
  value === undefined ? special(self, name) : value;

function special(self: Value, name: string): Value | undefined {
  if (name === '__name__' && (self instanceof PyClass || self instanceof Native)) return self.name;
  if (name === '__name__' && self instanceof Func) return self.code.name;
  if (name === 'name' && self instanceof Sync && self.kind === 'Thread') return self.name;
  if (name === '__init__' && self instanceof PyClass && self.builtin) return INIT;
  if (name === '__new__' && self instanceof PyClass && (self === objectClass || isExceptionClass(self))) return NEW;
  if (name === 'name' && self instanceof Instance && self.attributes.has(THREAD)) {
    const { name: given } = self.attributes.get(THREAD) as Sync;
    if (given !== '') return given;
  }
  if (self instanceof Sync || (self instanceof Instance && self.type.isA(TYPES.get('Thread') as PyClass))) {
    throw new Unsupported(`the attribute ${name} of ${withArticle(typeName(self))}`);
  }
  if (name === '__class__' && self instanceof Instance) return self.type;
  if (/^__\w+__$/.test(name)) throw new Unsupported(`the attribute ${name} of ${withArticle(typeName(self))}`);
  return undefined;
}

/** @returns the property whose setter is to be called; undefined when the attribute is set */
export function setAttribute(self: Value, name: string, value: Value): Property | undefined {
  if (self instanceof Instance) {
    const inClass = self.type.find(name);
    if (inClass instanceof Property) return inClass;
    self.attributes.set(name, value);
  } else if (self instanceof PyClass && !self.builtin) self.attributes.set(name, value);
  else if (self instanceof Func) throw new Unsupported('an attribute of a function');
  else if (self instanceof Sync && self.kind === 'Thread' && (name === 'daemon' || name === 'name')) return undefined;
  else throw raised('AttributeError', `'${typeName(self)}' object has no attribute '${name}'`);
  return undefined;
}

export function deleteAttribute(self: Value, name: string): void {
  const attributes = self instanceof Instance || self instanceof PyClass ? self.attributes : undefined;
  if (attributes?.delete(name) !== true) throw raised('AttributeError', name);
}
