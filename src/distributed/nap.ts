/** Sleeps of one task that others can end early. */
export class Nap {
  #woken = false;
  #wake = (): void => {};

  /** Ends the sleep, or the next one. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** @param ms how long at most */
  async sleep(ms: number): Promise<void> {
    if (!this.#woken)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#wake = () => {};
    this.#woken = false;
  }
}
