/** The numbers of one message's objects, in the order in which they begin. */

/** From this many objects on, a Map finds them faster than a linear search. */
const MANY = 24;

export class ObjectNumbers {
  #objects: (object | undefined)[] = [];
  #count = 0;
  /** Their numbers, if there are many. */
  #numbers: Map<object, number> | undefined;

  get count(): number {
    return this.#count;
  }

  /** @returns −1 for an object that was not added */
  of(object: object): number {
    if (this.#numbers !== undefined) return this.#numbers.get(object) ?? -1;
    for (let i = 0; i < this.#count; i++) if (this.#objects[i] === object) return i;
    return -1;
  }

  add(object: object): void {
    this.#objects[this.#count] = object;
    if (this.#count >= MANY) {
      if (this.#numbers === undefined) this.#numbers = this.#numbered();
      this.#numbers.set(object, this.#count);
    }
    this.#count++;
  }

  /** Forgets the last added ones until this many are left. */
  takeBack(count: number): void {
    while (this.#count > count) {
      this.#count--;
      this.#numbers?.delete(this.#objects[this.#count] as object);
      this.#objects[this.#count] = undefined;
    }
  }

  clear(): void {
    if (this.#count > MANY) {
      this.#objects = [];
      this.#numbers = undefined;
    } else {
      for (let i = 0; i < this.#count; i++) this.#objects[i] = undefined;
    }
    this.#count = 0;
  }

  #numbered(): Map<object, number> {
    const numbers = new Map<object, number>();
    for (let i = 0; i < this.#count; i++) numbers.set(this.#objects[i] as object, i);
    return numbers;
  }
}
