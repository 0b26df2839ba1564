// Subclasses of Thread and Timer with a `run` of their own, and one without.
import { currentThread, fromModule, getIdent, Thread, Timer } from 'atomics-sync-free/threading';

const here = fromModule<typeof import('./classes.worker.js')>(import.meta.url);

export class Shouter extends Thread<readonly unknown[]> {
  constructor(
    readonly text: string,
    readonly sum: Int32Array,
    name?: string,
  ) {
    super({ target: here.Shouter, args: [text, sum], name });
  }

  override run(): readonly unknown[] {
    Atomics.add(this.sum, 0, 1);
    const isCurrent = currentThread() === this && this.ident === getIdent() && this.isAlive();
    return [this.text.toUpperCase(), this.name, isCurrent, String(this)];
  }
}

export class Failing extends Thread {
  constructor() {
    super({ target: here.Failing, daemon: true });
  }

  override async run(): Promise<never> {
    await undefined;
    throw new RangeError(`daemon: ${this.daemon}`);
  }
}

export class Idle extends Thread {
  constructor() {
    super({ target: here.Idle });
  }
}

export class Alarm extends Timer<string> {
  constructor(interval: number) {
    super(interval, here.Alarm, [interval]);
  }

  override run(): string {
    return `rang after ${this.interval}`;
  }
}
