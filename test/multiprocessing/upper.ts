// Subclasses of Process for the tests of processes and of conformance.
import { fromModule, Process, type Queue } from 'atomics-sync-free/multiprocessing';
import { Thread } from 'atomics-sync-free/threading';

export class Upper extends Process<[Queue<string>, string]> {
  constructor(
    readonly queue: Queue<string>,
    readonly text: string,
  ) {
    super({ target: fromModule<typeof import('./upper.js')>(import.meta.url).Upper, args: [queue, text] });
  }

  override run(): void {
    this.queue.put(this.text.toUpperCase());
  }
}

export class Idle extends Process {
  constructor() {
    super({ target: fromModule<typeof import('./upper.js')>(import.meta.url).Idle });
  }
}

/** Tells what it knows of itself. */
export class Self extends Process<[Queue<unknown>]> {
  constructor(
    readonly queue: Queue<unknown>,
    settings: { readonly name?: string; readonly daemon?: boolean } = {},
  ) {
    super({
      target: fromModule<typeof import('./upper.js')>(import.meta.url).Self as never,
      args: [queue],
      ...settings,
    });
  }

  override run(): void {
    const codes = [
      () => this.start(),
      () => this.join(),
      () => this.sentinel,
      () => this.terminate(),
      () => this.close(),
    ].map((call) => {
      try {
        call();
        return 'nothing was thrown';
      } catch (error) {
        return (error as { code?: string }).code;
      }
    });
    const { name, pid, daemon } = this;
    this.queue.put({
      here: { name, pid, daemon },
      alive: this.isAlive(),
      codes,
      next: new Idle().name,
      text: String(this),
    });
  }
}

/** A subclass of Thread, which a Process refuses to run. */
export class Echo extends Thread {
  constructor() {
    super({ target: fromModule<typeof import('./upper.js')>(import.meta.url).Echo });
  }
}
