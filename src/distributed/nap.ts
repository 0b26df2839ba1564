/** A sleep of one task that others can end early. */
export class Nap {
  #wake = (): void => {};

  /** Ends the sleep, if there is one. */
  wake(): void {
    this.#wake();
  }

  /** @param ms how long at most */
  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }
}
