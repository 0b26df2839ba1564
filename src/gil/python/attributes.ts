/** Attributes: of objects, classes, modules and Python's own types. */
import { methodOf } from './methods.js';
import { raised, typeName } from './objects.js';
import {
  Bound,
  BoundNative,
  Func,
  Instance,
  Module,
  Native,
  Property,
  PyClass,
  Sync,
  Unsupported,
  type Value,
  Wrapped,
} from './values.js';

/** @returns an attribute's value; a Property where a getter is to be called for it */
export function getAttribute(self: Value, name: string): Value {
  const value = find(self, name);
  if (value !== undefined) return value;
  throw raised('AttributeError', `'${typeName(self)}' object has no attribute '${name}'`);
}

/** @returns a method of an object of the program, bound to it */
export function ownMethod(self: Value, name: string): Bound | undefined {
  if (!(self instanceof Instance)) return undefined;
  const method = self.type.find(name);
  return method instanceof Func ? new Bound(method, self) : undefined;
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
    // None is null, and an attribute like any other.
    const own = self.attributes.get(name);
    return own === undefined ? orSpecial(bound(inClass, self, self.type), self, name) : own;
  }
  if (self instanceof PyClass && !self.builtin) return orSpecial(bound(self.find(name), undefined, self), self, name);
  return methodOf(self, name) ?? special(self, name);
}

function bound(value: Value | undefined, self: Value | undefined, type: PyClass): Value | undefined {
  if (value instanceof Func && self !== undefined) return new Bound(value, self);
  if (value instanceof Native && self !== undefined) return new BoundNative(value, self);
  if (!(value instanceof Wrapped)) return value;
  return value.kind === 'classmethod' && value.func instanceof Func ? new Bound(value.func, type) : value.func;
}

const orSpecial = (value: Value | undefined, self: Value, name: string): Value | undefined =>
  value === undefined ? special(self, name) : value;

function special(self: Value, name: string): Value | undefined {
  if (name === '__name__' && (self instanceof PyClass || self instanceof Native)) return self.name;
  if (name === '__name__' && self instanceof Func) return self.code.name;
  if (name === 'name' && self instanceof Sync && self.kind === 'Thread') return self.name;
  if (name === '__class__' && self instanceof Instance) return self.type;
  if (/^__\w+__$/.test(name)) throw new Unsupported(`the attribute ${name} of a ${typeName(self)}`);
  return undefined;
}

/** @returns the property whose setter is to be called; undefined when it is done */
export function setAttribute(self: Value, name: string, value: Value): Property | undefined {
  if (self instanceof Instance) {
    const inClass = self.type.find(name);
    if (inClass instanceof Property) return inClass;
    self.attributes.set(name, value);
  } else if (self instanceof PyClass && !self.builtin) self.attributes.set(name, value);
  else if (self instanceof Sync && self.kind === 'Thread' && (name === 'daemon' || name === 'name')) return undefined;
  else throw raised('AttributeError', `'${typeName(self)}' object has no attribute '${name}'`);
  return undefined;
}

export function deleteAttribute(self: Value, name: string): void {
  const attributes = self instanceof Instance || self instanceof PyClass ? self.attributes : undefined;
  if (attributes?.delete(name) !== true) throw raised('AttributeError', name);
}
