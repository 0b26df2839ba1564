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

/** A subclass of Thread, which a Process refuses to run. */
export class Echo extends Thread {
  constructor() {
    super({ target: fromModule<typeof import('./upper.js')>(import.meta.url).Echo });
  }
}
